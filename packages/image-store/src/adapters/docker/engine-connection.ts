import type { Readable } from 'node:stream';

import type { Agent } from 'undici';

import { collectBytes } from '../../image/collect-bytes.ts';
import type { EngineAddress } from './engine-address.ts';
import { EngineFault } from './engine-fault.ts';
import { engineUnreachable } from './errors.ts';
import type { RegistryAuth } from './registry-login.ts';

export interface EngineCall {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  /** Objects are sent as JSON, lists as a parameter each. Whoever may read the engine's log reads it. */
  readonly query?: Readonly<Record<string, string | readonly string[] | object>>;
  readonly auth?: RegistryAuth | undefined;
}

export interface EngineAnswer {
  /** By names in small letters. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Uint8Array>;
}

/** Answers of https://docs.docker.com/reference/api/engine/ that say what went wrong are short. */
const messageCharacters = 1000;

/** The connections to one engine. No version of its interface is asked for: the engine then speaks its newest. */
export class EngineConnection {
  readonly #address: EngineAddress;
  readonly #origin: string;
  readonly #options: Agent.Options;
  #agent: Promise<Agent> | undefined;

  constructor(address: EngineAddress) {
    this.#address = address;
    // Deadlines are the caller's; undici's own would end a build that is only slow.
    const patient = { headersTimeout: 0, bodyTimeout: 0 };
    if ('socketPath' in address) {
      this.#origin = 'http://engine';
      this.#options = { ...patient, connect: { socketPath: address.socketPath } };
      return;
    }
    const { host, port, certificates } = address;
    this.#origin = `${certificates === undefined ? 'http' : 'https'}://${host}:${port}`;
    const { ca, cert, key } = certificates ?? {};
    const connect = certificates === undefined ? {} : { ca, cert, key: key?.reveal() };
    this.#options = { ...patient, connect };
  }

  /** Throws `IMAGE_STORE_ENGINE_UNREACHABLE` while no answer begins, `EngineFault` for one that is a refusal. */
  async call(call: EngineCall, body: Readable | undefined, signal: AbortSignal): Promise<EngineAnswer> {
    const { method, path, query = {}, auth } = call;
    this.#agent ??= newAgent(this.#options);
    const agent = await this.#agent;
    const answer = await agent
      .request({
        origin: this.#origin,
        path: `${path}${encoded(query)}`,
        method,
        body: body ?? null,
        signal,
        headers: {
          ...(body === undefined ? {} : { 'content-type': 'application/x-tar' }),
          ...(auth === undefined ? {} : { 'x-registry-auth': headerOf(auth) }),
        },
      })
      .catch((error: unknown) => {
        signal.throwIfAborted();
        throw engineUnreachable(this.#address, error);
      });
    if (answer.statusCode >= 300) throw await refusalOf(answer.statusCode, answer.body);
    const headers = Object.entries(answer.headers).map(([name, value]) => [name, String(value)]);
    return { headers: Object.fromEntries(headers) as Record<string, string>, body: answer.body };
  }
}

/** Loaded with the first call: many a program opens an engine, and then asks it for nothing. */
async function newAgent(options: Agent.Options): Promise<Agent> {
  const { Agent } = await import('undici');
  return new Agent(options);
}

function encoded(query: NonNullable<EngineCall['query']>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (Array.isArray(value)) for (const one of value as readonly string[]) parameters.append(name, one);
    else parameters.append(name, typeof value === 'string' ? value : JSON.stringify(value));
  }
  return parameters.size === 0 ? '' : `?${parameters.toString()}`;
}

function headerOf(auth: RegistryAuth): string {
  return Buffer.from(JSON.stringify(auth.reveal())).toString('base64url');
}

async function refusalOf(status: number, body: AsyncIterable<Uint8Array>): Promise<EngineFault> {
  const text = await collectBytes(body).then(String, () => '');
  const said = messageIn(text).trim().slice(0, messageCharacters);
  return new EngineFault(said === '' ? `it answered with ${status}` : said, { status });
}

/** What answers in front of an engine may say it in another form. */
function messageIn(text: string): string {
  try {
    const { message } = JSON.parse(text) as { readonly message?: unknown };
    return typeof message === 'string' ? message : text;
  } catch {
    return text;
  }
}
