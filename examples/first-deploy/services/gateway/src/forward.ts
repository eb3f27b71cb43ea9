import {
  Agent,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as sendRequest,
  type ServerResponse,
} from 'node:http';
import { pipeline } from 'node:stream';

import { sendJson } from './send-json.ts';
import type { Settings } from './settings.ts';

// Given up while idle well before any server closes it (Node's own do after 5 s): a request that is written to a
// connection while it closes is lost, and a POST must not be sent twice to make up for it.
const idleConnectionMs = 4_000;
// How long nothing at all may arrive from the service.
const silenceTimeoutMs = 30_000;

// They speak of one connection, not of the message (RFC 9110, 7.6.1).
const connectionHeaders = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

const agent = new Agent({ keepAlive: true, timeout: idleConnectionMs });

/** Streams a request to template-service and its answer back, with the token outsiders do not have. */
export function forward(request: IncomingMessage, response: ServerResponse, path: string, settings: Settings): void {
  const { hostname, port, host } = settings.templateServiceUrl;
  const upstream = sendRequest({
    agent,
    hostname,
    port,
    // As it came: resolved against the address, a path like `//elsewhere/` would send the token somewhere else.
    path,
    method: request.method,
    headers: { ...endToEnd(request.headers), host, authorization: `Bearer ${settings.apiToken}` },
    timeout: silenceTimeoutMs,
  });
  let answered = false;
  upstream.once('response', (answer) => {
    answered = true;
    // Answered before all of the body was sent: what follows on this connection is the rest of it, not a request.
    if (!request.complete) response.setHeader('connection', 'close');
    response.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers));
    // An answer that breaks off destroys the response, so that the client does not take a part for the whole.
    pipeline(answer, response, () => undefined);
  });
  upstream.once('timeout', () => {
    upstream.destroy(new Error(`no answer within ${silenceTimeoutMs} ms`));
  });
  upstream.on('error', (error) => {
    if (answered || response.destroyed) return;
    process.stderr.write(`template-service: ${error.message}\n`);
    sendJson(response, 502, { error: { code: 'UPSTREAM_FAILED', message: 'template-service did not answer' } });
  });
  response.once('close', () => {
    if (!response.writableFinished) upstream.destroy();
  });
  request.pipe(upstream);
}

function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !connectionHeaders.includes(name)));
}
