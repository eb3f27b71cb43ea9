import { Readable } from 'node:stream';

import { type Clock, messageOf, withDeadline } from '@maestro/core';
import type { z } from 'zod';

import { collectBytes } from '../../image/collect-bytes.ts';
import type { Cancellable } from '../../ports/image-store.ts';
import type { EngineAddress } from './engine-address.ts';
import { type EngineCall, EngineConnection } from './engine-connection.ts';
import { type EngineEvent, readEvents } from './engine-events.ts';
import { brokenAnswer, EngineFault } from './engine-fault.ts';
import { engineUnreachable } from './errors.ts';
import { whileActive } from './while-active.ts';

export interface EngineRequest extends EngineCall {
  readonly body?: AsyncIterable<Uint8Array>;
}

interface ActiveOptions extends Cancellable {
  readonly silenceMs: number;
}

const answerMs = 60_000;

/**
 * Asks one engine; everything it says is read here. Besides `EngineFault` it throws `IMAGE_STORE_ENGINE_UNREACHABLE`
 * while no answer begins, and what a request's own body throws.
 */
export class EngineClient {
  readonly address: EngineAddress;
  readonly #connection: EngineConnection;
  readonly #clock: Clock;

  constructor({ address, clock }: { readonly address: EngineAddress; readonly clock: Clock }) {
    this.address = address;
    this.#clock = clock;
    this.#connection = new EngineConnection(address);
  }

  /** Undefined for what the engine does not have. */
  async find<T>(request: EngineRequest, schema: z.ZodType<T>, options: Cancellable = {}): Promise<T | undefined> {
    try {
      return await this.ask(request, schema, options);
    } catch (error) {
      if (error instanceof EngineFault && error.status === 404) return undefined;
      throw error;
    }
  }

  async ask<T>(request: EngineRequest, schema: z.ZodType<T>, options: Cancellable = {}): Promise<T> {
    const text = (await this.#answer(request, options)).body.toString('utf8');
    try {
      return schema.parse(JSON.parse(text));
    } catch (error) {
      throw brokenAnswer(`${request.path} was answered with ${JSON.stringify(text.slice(0, 200))}`, error);
    }
  }

  /** For what is answered with nothing but a status. */
  async send(request: EngineRequest, options: Cancellable = {}): Promise<void> {
    await this.#answer(request, options);
  }

  /** Of an answer whose body is of no interest, in small letters. */
  async headers(request: EngineRequest, options: Cancellable = {}): Promise<Readonly<Record<string, string>>> {
    return (await this.#answer(request, options)).headers;
  }

  /** Passes on events until the last one; that this one says what it should is for the caller to see. */
  async follow(
    request: EngineRequest,
    { onEvent, ...options }: ActiveOptions & { readonly onEvent: (event: EngineEvent) => void },
  ): Promise<void> {
    await this.receive(request, options, async (chunks) => {
      for await (const event of readEvents(chunks)) onEvent(event);
    });
  }

  /** Reads an answer of any length, as long as something moves. */
  receive<T>(
    request: EngineRequest,
    { silenceMs, signal: outer }: ActiveOptions,
    read: (chunks: AsyncIterable<Uint8Array>) => Promise<T>,
  ): Promise<T> {
    const onSilence = () => brokenAnswer(`the engine was silent for ${silenceMs / 1000} s`);
    return whileActive(
      async (signal, alive) => {
        const sent = request.body && new SentBody(request.body, alive);
        try {
          const { body } = await this.#connection.call(request, sent?.stream, signal);
          return await read(noting(body, alive));
        } catch (error) {
          throw sent?.failure === undefined ? error : sent.failure.error;
        } finally {
          sent?.stream.destroy();
        }
      },
      { silenceMs, clock: this.#clock, signal: outer, onSilence },
    );
  }

  #answer(request: EngineRequest, { signal: outer }: Cancellable) {
    return withDeadline(
      async (signal) => {
        const { headers, body } = await this.#connection.call(request, undefined, signal);
        try {
          return { headers, body: await collectBytes(body) };
        } catch (error) {
          throw brokenAnswer(`the engine's answer broke off: ${messageOf(error)}`, error);
        }
      },
      {
        deadlineMs: answerMs,
        clock: this.#clock,
        signal: outer,
        onExpired: () => engineUnreachable(this.address, new Error(`expected an answer within ${answerMs / 1000} s`)),
      },
    );
  }
}

/** What is sent, where each chunk that goes is a sign of life, and how reading it failed. */
class SentBody {
  readonly stream: Readable;
  failure: { readonly error: unknown } | undefined;

  constructor(body: AsyncIterable<Uint8Array>, alive: () => void) {
    this.stream = Readable.from(this.#read(body, alive), { objectMode: false });
  }

  async *#read(body: AsyncIterable<Uint8Array>, alive: () => void) {
    try {
      for await (const chunk of body) {
        alive();
        yield chunk;
      }
    } catch (error) {
      this.failure = { error };
      throw error;
    }
  }
}

async function* noting(chunks: AsyncIterable<Uint8Array>, alive: () => void) {
  for await (const chunk of chunks) {
    alive();
    yield chunk;
  }
}
