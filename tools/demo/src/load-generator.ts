import { Agent, type IncomingHttpHeaders, request as sendRequest } from 'node:http';
import { text } from 'node:stream/consumers';

import { type Clock, messageOf } from '@maestro/core';
import { z } from 'zod';

import { type LoadReport, LoadTally, type SentTemplates } from './load-report.ts';
import { isSameRevision, shortRevision } from './revision.ts';

export interface LoadOptions {
  readonly url: string;
  /** Each is kept alive and carries one request at a time. */
  readonly connections: number;
  /** Between an answer and the next request on the same connection. */
  readonly pauseMs: number;
  /** For one request. */
  readonly timeoutMs: number;
}

export interface LoadGenerator {
  /** From now on every answer must come from this revision; null while it is being switched. */
  expect(revision: string | null): void;
  report(): LoadReport;
  sent(): SentTemplates;
  /** Ends after the answers to what was sent. */
  stop(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Message {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: string;
}

const templateSchema = z.object({ id: z.int(), name: z.string(), body: z.string() });
type Template = z.infer<typeof templateSchema>;

// Most users read.
const turnsPerPost = 4;

/** Behaves like clients that keep their connections and never send anything twice, so nothing hides a lost request. */
export function generateLoad(options: LoadOptions & { readonly clock: Clock }): LoadGenerator {
  const { connections, pauseMs, clock } = options;
  const tally = new LoadTally();
  const acknowledged: string[] = [];
  const uncertain: string[] = [];
  let expected: string | null = null;
  let stopping = false;

  /** The answer's template, when the request went as it should. */
  async function exchange(agent: Agent, message: Message, status: number, wanted: Partial<Template>) {
    const startedAt = clock.monotonic();
    const expectedAtStart = expected;
    let answer: Answer | undefined;
    let template: Template | undefined;
    let problem: string | undefined;
    try {
      answer = await send(agent, message, options);
      // What was under way when the expectation changed may have been answered by either version.
      const revision = expectedAtStart === expected ? expected : null;
      template = checkAnswer(answer, { status, wanted, revision });
    } catch (error) {
      problem = `${message.method} ${message.path}: ${messageOf(error)}`;
    }
    const version = answer === undefined ? undefined : shortRevision(revisionOf(answer, 'template-service'));
    tally.count({ durationMs: clock.monotonic() - startedAt, version, problem });
    return template;
  }

  async function post(agent: Agent, name: string) {
    const wanted = { name, body: `Dear {{name}}, this is ${name}.` };
    // Without an idempotency key: with one the service would hide that a request was delivered twice.
    const message: Message = { method: 'POST', path: '/api/templates', body: JSON.stringify(wanted) };
    const template = await exchange(agent, message, 201, wanted);
    (template === undefined ? uncertain : acknowledged).push(name);
    return template;
  }

  async function runClient(client: number) {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    let latest: Template | undefined;
    for (let turn = 0; !stopping; turn += 1) {
      if (latest === undefined || turn % turnsPerPost === 0) {
        latest = (await post(agent, `client-${client}-${turn}`)) ?? latest;
      } else {
        await exchange(agent, { method: 'GET', path: `/api/templates/${latest.id}` }, 200, latest);
      }
      await clock.sleep(pauseMs);
    }
    agent.destroy();
  }

  const clients = Promise.all(Array.from({ length: connections }, (_, client) => runClient(client)));
  return {
    expect(revision) {
      expected = revision;
    },
    report: () => tally.report(),
    sent: () => ({ acknowledged, uncertain }),
    async stop() {
      stopping = true;
      await clients;
    },
  };
}

interface Expectation {
  readonly status: number;
  readonly wanted: Partial<Template>;
  readonly revision: string | null;
}

function checkAnswer(answer: Answer, { status, wanted, revision }: Expectation): Template {
  if (answer.status !== status)
    throw new Error(`expected ${status}, got ${answer.status} ${answer.body.slice(0, 200)}`);
  const template = templateSchema.parse(JSON.parse(answer.body));
  for (const field of ['id', 'name', 'body'] as const) {
    if (wanted[field] !== undefined && wanted[field] !== template[field]) {
      throw new Error(`expected ${field} ${wanted[field]}, got ${template[field]}`);
    }
  }
  for (const service of revision === null ? [] : ['gateway', 'template-service']) {
    const actual = revisionOf(answer, service);
    if (revision !== null && !isSameRevision(actual, revision)) {
      throw new Error(`expected ${service} ${shortRevision(revision)}, got ${actual}`);
    }
  }
  return template;
}

function revisionOf({ headers }: Answer, service: string): string {
  const value = headers[`x-${service}-revision`];
  return typeof value === 'string' ? value : 'unknown';
}

function send(agent: Agent, { method, path, body }: Message, { url, timeoutMs }: LoadOptions): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers =
      body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const request = sendRequest(new URL(path, url), { agent, method, headers, signal: AbortSignal.timeout(timeoutMs) });
    request.once('error', reject);
    request.once('response', (response) => {
      text(response).then((received) => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: received });
      }, reject);
    });
    request.end(body);
  });
}
