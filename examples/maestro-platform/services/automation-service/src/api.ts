import type { IncomingMessage, RequestListener } from 'node:http';
import { json } from 'node:stream/consumers';

import type { RunQueue } from './run-queue.ts';
import { sendJson } from './send-json.ts';
import type { Settings } from './settings.ts';

export interface ApiOptions {
  readonly settings: Settings;
  readonly queue: RunQueue;
  readonly isStopping: () => boolean;
}

interface Answer {
  readonly status: number;
  readonly body: object;
}

export function createApi(options: ApiOptions): RequestListener {
  return (request, response) => {
    answer(request, options)
      .catch((error: unknown): Answer => {
        process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
        return failure(500, 'INTERNAL', 'something went wrong');
      })
      .then(({ status, body }) => {
        sendJson(response, status, body);
      })
      .catch((error: unknown) => {
        response.destroy(error instanceof Error ? error : undefined);
      });
  };
}

async function answer(request: IncomingMessage, { settings, queue, isStopping }: ApiOptions): Promise<Answer> {
  const [, path, id] = (request.url ?? '/').split(/[/?]/);
  switch (`${request.method ?? ''} ${path ?? ''}`) {
    case 'GET health':
      if (!isStopping()) return { status: 200, body: { status: 'ok', ...settings.identity } };
      return { status: 503, body: { status: 'unavailable', reason: 'shutting down', ...settings.identity } };
    case 'GET runs': {
      if (id === undefined || id === '') return { status: 200, body: { runs: queue.list() } };
      const run = queue.find(id);
      return run === undefined ? failure(404, 'NOT_FOUND', `there is no run ${id}`) : { status: 200, body: run };
    }
    case 'POST runs': {
      const templateId = await templateIdIn(request);
      if (templateId === undefined) return failure(400, 'INVALID_RUN', 'templateId must be the id of a template');
      return { status: 202, body: queue.add(templateId) };
    }
    default:
      return failure(404, 'NOT_FOUND', 'there is nothing here');
  }
}

async function templateIdIn(request: IncomingMessage): Promise<number | undefined> {
  const body = await json(request).catch(() => undefined);
  if (typeof body !== 'object' || body === null || !('templateId' in body)) return undefined;
  return Number.isSafeInteger(body.templateId) ? (body.templateId as number) : undefined;
}

function failure(status: number, code: string, message: string): Answer {
  return { status, body: { error: { code, message } } };
}
