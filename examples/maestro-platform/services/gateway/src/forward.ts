import {
  Agent,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as sendRequest,
  type ServerResponse,
} from 'node:http';
import { pipeline } from 'node:stream';

import { sendJson } from './send-json.ts';
import type { Upstream } from './settings.ts';

export interface ForwardOptions {
  readonly upstream: Upstream;
  readonly apiToken: string;
}

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

/** Streams a request to a service and its answer back. */
export function forward(request: IncomingMessage, response: ServerResponse, options: ForwardOptions): void {
  const { service, url } = options.upstream;
  const outgoing = sendRequest({
    agent,
    hostname: url.hostname,
    port: url.port,
    // As it came: resolved against the address, a path like `//elsewhere/` would send the token somewhere else.
    path: request.url,
    method: request.method,
    headers: withToken({ ...endToEnd(request.headers), host: url.host }, options),
    timeout: silenceTimeoutMs,
  });
  let answered = false;
  outgoing.once('response', (answer) => {
    answered = true;
    // Answered before all of the body was sent: what follows on this connection is the rest of it, not a request.
    if (!request.complete) response.setHeader('connection', 'close');
    response.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers));
    // An answer that breaks off destroys the response, so that the client does not take a part for the whole.
    pipeline(answer, response, () => undefined);
  });
  outgoing.once('timeout', () => {
    outgoing.destroy(new Error(`no answer within ${silenceTimeoutMs} ms`));
  });
  outgoing.on('error', (error) => {
    if (answered || response.destroyed) return;
    process.stderr.write(`${service}: ${error.message}\n`);
    sendJson(response, 502, { error: { code: 'UPSTREAM_FAILED', message: `${service} did not answer` } });
  });
  response.once('close', () => {
    if (!response.writableFinished) outgoing.destroy();
  });
  request.pipe(outgoing);
}

/** Outsiders have no token; what they send instead reaches nobody. */
function withToken(headers: IncomingHttpHeaders, { upstream, apiToken }: ForwardOptions): IncomingHttpHeaders {
  const others = Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'authorization'));
  return upstream.service === 'template-service' ? { ...others, authorization: `Bearer ${apiToken}` } : others;
}

function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !connectionHeaders.includes(name)));
}
