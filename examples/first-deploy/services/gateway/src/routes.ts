import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

import { forward } from './forward.ts';
import { homePage } from './home-page.ts';
import { sendJson } from './send-json.ts';
import type { Settings } from './settings.ts';
import { readVersions } from './versions.ts';

export interface RoutesOptions {
  readonly settings: Settings;
  readonly isStopping: () => boolean;
}

export function createRoutes(options: RoutesOptions): RequestListener {
  return (request, response) => {
    response.setHeader('x-gateway-revision', options.settings.identity.revision);
    const path = request.url ?? '/';
    if (path.startsWith('/api/')) {
      forward(request, response, path.slice('/api'.length), options.settings);
      return;
    }
    answer(request, response, options).catch((error: unknown) => {
      process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      response.destroy();
    });
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, { settings, isStopping }: RoutesOptions) {
  switch (`${request.method ?? ''} ${request.url?.split('?')[0] ?? ''}`) {
    case 'GET /health':
      // Only its own: whether template-service is healthy is asked there.
      if (isStopping()) sendJson(response, 503, { status: 'unavailable', reason: 'shutting down' });
      else sendJson(response, 200, { status: 'ok' });
      return;
    case 'GET /version':
      sendJson(response, 200, await readVersions(settings));
      return;
    case 'GET /':
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
      response.end(homePage(await readVersions(settings)));
      return;
    default:
      sendJson(response, 404, { error: { code: 'NOT_FOUND', message: 'there is nothing here' } });
  }
}
