import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';

import type { ExpectedAnswer, Probe, ProbeResult } from '../../ports/probe.ts';
import { connectionFailure, noAnswer } from './connection-failure.ts';
import { http, https } from './node-http.ts';

type Get = (url: string, options: RequestOptions, callback: (response: IncomingMessage) => void) => ClientRequest;

// More than is shown, so that a secret is recognised before the end is cut off.
const complaintBytes = 4096;
const bodyBytes = 64 * 1024;

/** Probes over HTTP or HTTPS on a connection of its own; follows no redirect. */
export const httpProbe: Probe = ({ url, headers, expected = {}, timeoutMs, signal }) =>
  new Promise((resolve) => {
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    let answered = false;
    const secure = url.startsWith('https:');
    const get: Get = secure ? https().get : http.get;
    // The certificate must be one for the Host that outsiders use, whatever the address.
    const name = secure && headers.host !== undefined ? { servername: headers.host.replace(/:\d+$/, '') } : {};
    const request = get(url, { headers, agent: false, signal: deadline, ...name }, (response) => {
      answered = true;
      void judge(response, expected).then(resolve);
    });
    request.on('error', (error) => {
      // An answer that breaks off, or does not end in time, is still an answer.
      if (!answered) resolve(deadline.aborted ? noAnswer(timeoutMs) : connectionFailure(error));
    });
  });

async function judge(
  response: IncomingMessage,
  { statuses = [[200, 299]], body }: ExpectedAnswer,
): Promise<ProbeResult> {
  const status = response.statusCode ?? 0;
  if (statuses.some(([from, to]) => status >= from && status <= to)) {
    if (body !== undefined) return judgeBody(await beginning(response, bodyBytes), body);
    response.resume();
    return { healthy: true };
  }
  if (status >= 300 && status < 400) {
    response.resume();
    const detail = `answered ${status}, a redirect to ${response.headers.location ?? 'nowhere'}`;
    return { healthy: false, reason: 'redirect', detail, status };
  }
  const said = (await beginning(response, complaintBytes)).trim();
  const detail = `answered ${status}${said === '' ? '' : `: ${said}`}`;
  // What servers of Go, nginx and Apache say to a request without TLS at a port for TLS.
  const wantsTls =
    status === 400 && /http request (was sent )?to (an )?https (server|port)|speaking plain http/i.test(said);
  return { healthy: false, reason: wantsTls ? 'tls' : 'status', detail, status };
}

function judgeBody(body: string, expected: NonNullable<ExpectedAnswer['body']>): ProbeResult {
  if ('contains' in expected ? body.includes(expected.contains) : new RegExp(expected.matches).test(body)) {
    return { healthy: true };
  }
  const wanted = 'contains' in expected ? `"${expected.contains}"` : `/${expected.matches}/`;
  return {
    healthy: false,
    reason: 'body',
    detail: `answered without ${wanted}: ${body.slice(0, complaintBytes).trim()}`,
  };
}

async function beginning(response: IncomingMessage, limit: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= limit) break;
    }
  } catch {
    // What arrived before the connection broke is still worth showing.
  }
  return Buffer.concat(chunks).subarray(0, limit).toString('utf8');
}
