import { get, type IncomingMessage } from 'node:http';

import type { Probe, ProbeResult } from '../../ports/probe.ts';

// More than is shown, so that a secret is recognised before the end is cut off.
const readBytes = 4096;

/** Probes over HTTP on a connection of its own; follows no redirect. */
export const httpProbe: Probe = ({ url, headers, timeoutMs, signal }) =>
  new Promise((resolve) => {
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    let answered = false;
    const request = get(url, { headers, agent: false, signal: deadline }, (response) => {
      answered = true;
      void judge(response).then(resolve);
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      // An answer that breaks off, or does not end in time, is still an answer.
      if (!answered) resolve(deadline.aborted ? timeout(timeoutMs) : failed(error));
    });
  });

async function judge(response: IncomingMessage): Promise<ProbeResult> {
  const status = response.statusCode ?? 0;
  if (status >= 200 && status < 300) {
    response.resume();
    return { healthy: true };
  }
  if (status >= 300 && status < 400) {
    response.resume();
    const detail = `answered ${status}, a redirect to ${response.headers.location ?? 'nowhere'}`;
    return { healthy: false, reason: 'redirect', detail };
  }
  const said = (await beginning(response)).trim();
  return { healthy: false, reason: 'status', detail: `answered ${status}${said === '' ? '' : `: ${said}`}` };
}

async function beginning(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= readBytes) break;
    }
  } catch {
    // What arrived before the connection broke is still worth showing.
  }
  return Buffer.concat(chunks).subarray(0, readBytes).toString('utf8');
}

function timeout(timeoutMs: number): ProbeResult {
  return { healthy: false, reason: 'timeout', detail: `no answer in ${timeoutMs} ms` };
}

function failed(error: NodeJS.ErrnoException): ProbeResult {
  if (error.code === 'ECONNREFUSED')
    return { healthy: false, reason: 'refused', detail: 'nothing listens at its port' };
  return { healthy: false, reason: 'broken', detail: `the connection broke: ${error.code ?? error.message}` };
}
