import { messageOf } from '@maestro/core';

import { trafficUnreadable } from '../../errors.ts';
import type { SlotTraffic, TrafficSource, TrafficWindow } from '../../ports/traffic.ts';
import { earlierLog, type LogPlace, rotateLogs } from './access-log.ts';
import { LogReader } from './log-reader.ts';
import { readRequest, timeOf } from './logged-request.ts';
import { TrafficRecord } from './traffic-record.ts';

// Each worker writes its lines after a second at the latest, so that they are not quite in order.
const disorderMs = 5_000;
// What a bake looks back at: ten minutes before it, and itself.
const keptMs = 30 * 60_000;

/** What nginx wrote of its traffic into its access log, each line of which is read once, whoever asks and how often. */
export class NginxTraffic implements TrafficSource {
  readonly #place: LogPlace;
  readonly #reader = new LogReader();
  readonly #record = new TrafficRecord();
  #latestMs = 0;
  #reading: Promise<void> = Promise.resolve();

  constructor(place: LogPlace) {
    this.#place = place;
  }

  async of(
    window: TrafficWindow,
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<SlotTraffic> {
    signal?.throwIfAborted();
    // Reading goes on when one who asks gives up: what has been read serves the next one.
    this.#reading = this.#reading.catch(ignore).then(() => this.#read(window.sinceMs));
    await this.#reading;
    signal?.throwIfAborted();
    return this.#record.of(window);
  }

  async #read(sinceMs: number): Promise<void> {
    const { accessLog } = this.#place.layout;
    try {
      await this.#reader.read([accessLog, earlierLog(accessLog)], {
        take: (line) => {
          const request = readRequest(line);
          if (request === null) return;
          this.#record.add(request);
          this.#latestMs = Math.max(this.#latestMs, request.atMs);
        },
        needsBefore: (line) => (timeOf(line) ?? Infinity) >= sinceMs - disorderMs,
      });
    } catch (error) {
      throw trafficUnreadable(accessLog, messageOf(error), 'run as the user who started the environment', error);
    }
    this.#record.forgetBefore(this.#latestMs - keptMs);
    await rotateLogs(this.#place);
  }
}

function ignore(): void {
  return undefined;
}
