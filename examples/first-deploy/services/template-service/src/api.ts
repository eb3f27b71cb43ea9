import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

import { hasBearerToken } from './bearer-token.ts';
import { HttpError } from './http-error.ts';
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
  readonly headers?: Readonly<Record<string, string>>;
}

interface Page {
  readonly after: number;
  readonly limit: number;
}

const largestPage = 1000;

export function createApi(options: ApiOptions): RequestListener {
  const { revision } = options.settings.identity;
  return (request, response) => {
    response.setHeader('x-template-service-revision', revision);
    answer(request, options).then(
      (result) => {
        send(response, result);
      },
      (error: unknown) => {
        send(response, answerForError(error));
      },
    );
  };
}

async function answer(request: IncomingMessage, { settings, store, isStopping }: ApiOptions): Promise<Answer> {
  const url = URL.parse(`http://template-service${request.url ?? '/'}`);
  if (url === null) throw new HttpError(400, 'INVALID_URL', 'the request target must be a path');
  switch (`${request.method ?? ''} ${url.pathname.replace(/\/\d+$/, '/:id')}`) {
    case 'GET /health':
      return health(store, isStopping());
    case 'GET /version':
      return { status: 200, body: settings.identity };
    case 'GET /templates':
      return list(store, pageOf(url));
    case 'GET /templates/count':
      return { status: 200, body: { count: store.count() } };
    case 'GET /templates/:id':
      return find(store, Number(url.pathname.split('/')[2]));
    case 'POST /templates':
      return create(request, settings, store);
    default:
      throw new HttpError(404, 'NOT_FOUND', `there is no ${request.method ?? ''} ${url.pathname}`);
  }
}

function health(store: TemplateStore, stopping: boolean): Answer {
  if (stopping) return { status: 503, body: { status: 'unavailable', reason: 'shutting down' } };
  try {
    store.check();
    return { status: 200, body: { status: 'ok' } };
  } catch (error) {
    return {
      status: 503,
      body: { status: 'unavailable', reason: error instanceof Error ? error.message : 'database' },
    };
  }
}

function list(store: TemplateStore, page: Page): Answer {
  const templates = store.list(page);
  const next = templates.length === page.limit ? (templates.at(-1)?.id ?? null) : null;
  return { status: 200, body: { templates, next } };
}

function find(store: TemplateStore, id: number): Answer {
  const template = store.find(id);
  if (template === undefined) throw new HttpError(404, 'NOT_FOUND', `there is no template ${id}`);
  return { status: 200, body: template };
}

async function create(request: IncomingMessage, settings: Settings, store: TemplateStore): Promise<Answer> {
  if (!hasBearerToken(request.headers.authorization, settings.apiToken)) {
    throw new HttpError(401, 'UNAUTHORIZED', 'this needs the API token');
  }
  const input = await readTemplateInput(request, settings.bodyLimitBytes);
  const key = request.headers['idempotency-key'];
  const creation = store.create({ ...input, idempotencyKey: typeof key === 'string' ? key : null });
  if (creation.outcome === 'conflict') {
    throw new HttpError(422, 'IDEMPOTENCY_KEY_REUSED', 'this Idempotency-Key stands for another template');
  }
  return {
    status: creation.outcome === 'created' ? 201 : 200,
    body: creation.template,
    headers: { location: `/templates/${creation.template.id}` },
  };
}

function pageOf(url: URL): Page {
  const after = Number(url.searchParams.get('after') ?? 0);
  const limit = Number(url.searchParams.get('limit') ?? 100);
  if (!Number.isSafeInteger(after) || !Number.isSafeInteger(limit) || limit < 1 || limit > largestPage) {
    throw new HttpError(400, 'INVALID_PAGE', `after must be an id and limit a number from 1 to ${largestPage}`);
  }
  return { after, limit };
}

function answerForError(error: unknown): Answer {
  if (!(error instanceof HttpError)) {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return { status: 500, body: { error: { code: 'INTERNAL', message: 'something went wrong' } } };
  }
  return {
    status: error.status,
    body: { error: { code: error.code, message: error.message } },
    // What the client still sends of a body that is too large is not read.
    ...(error.status === 413 ? { headers: { connection: 'close' } } : {}),
  };
}

function send(response: ServerResponse, { status, body, headers }: Answer): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}
