import type { IncomingMessage, RequestListener } from 'node:http';

import { hasBearerToken } from './bearer-token.ts';
import { HttpError } from './http-error.ts';
import { sendJson } from './send-json.ts';
import type { Settings } from './settings.ts';
import { readTemplateInput } from './template-input.ts';
import type { TemplateStore } from './template-store.ts';

export interface ApiOptions {
  readonly settings: Settings;
  readonly store: TemplateStore;
  readonly isStopping: () => boolean;
}

interface Answer {
  readonly status: number;
  readonly body: object;
}

export function createApi(options: ApiOptions): RequestListener {
  return (request, response) => {
    answer(request, options)
      .catch(answerForError)
      .then(({ status, body }) => {
        // What the client still sends of a body that was not read is no request.
        if (!request.complete) response.setHeader('connection', 'close');
        sendJson(response, status, body);
      })
      .catch((error: unknown) => {
        response.destroy(error instanceof Error ? error : undefined);
      });
  };
}

async function answer(request: IncomingMessage, options: ApiOptions): Promise<Answer> {
  const [path = '/'] = (request.url ?? '/').split('?');
  switch (`${request.method ?? ''} ${path.replace(/\/\d+$/, '/:id')}`) {
    case 'GET /health':
      return health(options);
    case 'GET /templates':
      return { status: 200, body: { templates: options.store.list() } };
    case 'GET /templates/:id':
      return find(options.store, Number(path.split('/')[2]));
    case 'POST /templates':
      return create(request, options);
    default:
      throw new HttpError(404, 'NOT_FOUND', `there is no ${request.method ?? ''} ${path}`);
  }
}

function health({ settings: { identity }, store, isStopping }: ApiOptions): Answer {
  if (isStopping()) return { status: 503, body: { status: 'unavailable', reason: 'shutting down', ...identity } };
  try {
    store.check();
    return { status: 200, body: { status: 'ok', ...identity } };
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'database';
    return { status: 503, body: { status: 'unavailable', reason, ...identity } };
  }
}

function find(store: TemplateStore, id: number): Answer {
  const template = store.find(id);
  if (template === undefined) throw new HttpError(404, 'NOT_FOUND', `there is no template ${id}`);
  return { status: 200, body: template };
}

async function create(request: IncomingMessage, { settings, store }: ApiOptions): Promise<Answer> {
  if (!hasBearerToken(request.headers.authorization, settings.apiToken)) {
    throw new HttpError(401, 'UNAUTHORIZED', 'this needs the API token');
  }
  const creation = store.create(await readTemplateInput(request));
  if (creation.outcome === 'conflict') {
    throw new HttpError(409, 'NAME_IN_USE', 'another template has this name');
  }
  return { status: creation.outcome === 'created' ? 201 : 200, body: creation.template };
}

function answerForError(error: unknown): Answer {
  if (error instanceof HttpError) {
    return { status: error.status, body: { error: { code: error.code, message: error.message } } };
  }
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return { status: 500, body: { error: { code: 'INTERNAL', message: 'something went wrong' } } };
}
