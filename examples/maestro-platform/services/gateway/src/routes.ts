import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

import { forward } from './forward.ts';
import { readStatus } from './platform-status.ts';
import { sendJson } from './send-json.ts';
import type { Settings } from './settings.ts';

export interface RoutesOptions {
  readonly settings: Settings;
  readonly isStopping: () => boolean;
}

export function createRoutes({ settings, isStopping }: RoutesOptions): RequestListener {
  const { apiToken, identity, upstreams } = settings;
  return (request, response) => {
    const [path = ''] = (request.url ?? '/').slice(1).split(/[/?]/);
    const upstream = upstreams.find((each) => each.path === path);
    if (upstream !== undefined) {
      forward(request, response, { upstream, apiToken });
    } else if (isGet(request, 'health')) {
      // Only its own: a service that is away must not take the gateway with it.
      if (isStopping()) sendJson(response, 503, { status: 'unavailable', reason: 'shutting down', ...identity });
      else sendJson(response, 200, { status: 'ok', ...identity });
    } else if (isGet(request, 'status')) {
      void sendStatus(response, settings);
    } else {
      sendJson(response, 404, { error: { code: 'NOT_FOUND', message: 'there is nothing here' } });
    }
  };
}

function isGet(request: IncomingMessage, path: string): boolean {
  return request.method === 'GET' && request.url?.split('?')[0] === `/${path}`;
}

async function sendStatus(response: ServerResponse, settings: Settings): Promise<void> {
  const status = await readStatus(settings);
  sendJson(response, status.healthy ? 200 : 503, status);
}
