import { rename, stat } from 'node:fs/promises';

import { messageOf } from '@maestro/core';

import { trafficUnreadable } from '../../errors.ts';
import { countDurations } from '../../plan/durations.ts';
import type { SlotTraffic, TrafficSource, TrafficWindow } from '../../ports/traffic.ts';
import { linesBackwards } from './log-lines.ts';
import type { NginxLayout } from './nginx-layout.ts';
import type { NginxProgram } from './nginx-program.ts';

// Each worker writes its lines after a second at the latest, so that they are not quite in order.
const disorderMs = 5_000;
const largestBytes = 64 * 1024 * 1024;

export interface LogPlace {
  readonly layout: NginxLayout;
  readonly program: NginxProgram;
}

/** What nginx wrote of its traffic into its access log. */
export class NginxTraffic implements TrafficSource {
  readonly #place: LogPlace;

  constructor(place: LogPlace) {
    this.#place = place;
  }

  async of(
    window: TrafficWindow,
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<SlotTraffic> {
    const { accessLog } = this.#place.layout;
    const durations: number[] = [];
    let requests = 0;
    let errors = 0;
    try {
      for await (const line of linesSince([accessLog, earlier(accessLog)], window.sinceMs)) {
        signal?.throwIfAborted();
        const request = requestOf(line, window);
        if (request === null) continue;
        requests += 1;
        if (request.status >= 500) errors += 1;
        if (request.durationMs !== null) durations.push(request.durationMs);
      }
    } catch (error) {
      signal?.throwIfAborted();
      throw trafficUnreadable(accessLog, messageOf(error), 'run as the user who started the environment', error);
    }
    await rotateLogs(this.#place);
    return { requests, errors, durations: countDurations(durations) };
  }
}

/** Begins new logs where they have become long; the ones before stay until then. */
export async function rotateLogs({ layout, program }: LogPlace): Promise<void> {
  const sizes = await Promise.all([layout.accessLog, layout.errorLog].map(sizeOf));
  if (Math.max(...sizes) < largestBytes) return;
  for (const log of [layout.accessLog, layout.errorLog]) {
    if ((await sizeOf(log)) > 0) await rename(log, earlier(log));
  }
  await program.reopenLogs();
}

async function* linesSince(files: readonly string[], sinceMs: number): AsyncGenerator<string> {
  for (const file of files) {
    for await (const line of linesBackwards(file)) {
      if (timeOf(line) < sinceMs - disorderMs) return;
      yield line;
    }
  }
}

interface LoggedRequest {
  readonly status: number;
  readonly durationMs: number | null;
}

/** What a line says about a window; null where it is not of it. */
export function requestOf(
  line: string,
  { service, slot, sinceMs, untilMs = Infinity }: TrafficWindow,
): LoggedRequest | null {
  // Most lines of a busy proxy are of other slots: the text tells before anything is parsed.
  if (!line.includes(`"service":"${service}","slot":"${slot}",`)) return null;
  const timeMs = timeOf(line);
  if (!(timeMs >= sinceMs && timeMs < untilMs)) return null;
  const field = (name: string) => new RegExp(`"${name}":"([^"]*)"`).exec(line)?.[1] ?? '';
  if (field('preview') !== '') return null;
  const status = Number(field('status'));
  // Clients that went away, and those that stay, say nothing about how fast the service is.
  const measured = field('long') === '' && status !== 499;
  return { status, durationMs: measured ? upstreamMs(field('upstreamSeconds')) : null };
}

/** Of all replicas that were tried; null where none was. */
function upstreamMs(seconds: string): number | null {
  const times = seconds
    .split(/[,:]/)
    .map((text) => Number.parseFloat(text))
    .filter((time) => !Number.isNaN(time));
  return times.length === 0 ? null : Math.round(times.reduce((sum, time) => sum + time, 0) * 1_000);
}

/** NaN for what is no line of the log. */
function timeOf(line: string): number {
  return Math.round(Number(/^\{"at":"([\d.]+)"/.exec(line)?.[1] ?? NaN) * 1_000);
}

function earlier(log: string): string {
  return `${log}.1`;
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => undefined))?.size ?? 0;
}
