import type { InstanceKey } from '../../ports/runtime.ts';

/** What the access log says of one request. */
export interface LoggedRequest extends InstanceKey {
  /** When it was answered, in milliseconds since 1970. */
  readonly atMs: number;
  readonly status: number;
  /** Null where it says nothing about how fast the service is. */
  readonly durationMs: number | null;
}

// The fields that come first in `logFormat`: what clients choose, such as the path, comes after them.
const format =
  /^\{"at":"(?<at>[\d.]+)","service":"(?<service>[^"]*)","slot":"(?<slot>blue|green)","status":"(?<status>\d+)","seconds":"[^"]*","upstreamSeconds":"(?<upstream>[^"]*)","long":"(?<long>[^"]*)","canary":"[^"]*","preview":"(?<preview>[^"]*)"/;

/** Null for a line that is of no slot, of a preview, or none of the log's. */
export function readRequest(line: string): LoggedRequest | null {
  const { at, service = '', slot, status, upstream = '', long, preview } = format.exec(line)?.groups ?? {};
  const atMs = Math.round(Number(at) * 1_000);
  if (Number.isNaN(atMs) || preview !== '' || (slot !== 'blue' && slot !== 'green')) return null;
  // Clients that went away, and those that stay, say nothing about how fast the service is.
  const measured = long === '' && status !== '499';
  return { service, slot, atMs, status: Number(status), durationMs: measured ? upstreamMs(upstream) : null };
}

/** When the request of a line was answered; null for what is no line of the log. */
export function timeOf(line: string): number | null {
  const at = /^\{"at":"([\d.]+)"/.exec(line)?.[1];
  return at === undefined ? null : Math.round(Number(at) * 1_000);
}

/** Of all replicas that were tried; null where none was. */
function upstreamMs(seconds: string): number | null {
  const times = seconds
    .split(/[,:]/)
    .map((text) => Number.parseFloat(text))
    .filter((time) => !Number.isNaN(time));
  return times.length === 0 ? null : Math.round(times.reduce((sum, time) => sum + time, 0) * 1_000);
}
