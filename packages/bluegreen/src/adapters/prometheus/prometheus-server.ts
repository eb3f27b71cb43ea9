import { type Clock, isMaestroError, messageOf, type Redacted, withDeadline } from '@maestro/core';
import { z } from 'zod';

import { trafficUnreadable } from '../../errors.ts';
import type { CounterValues } from './growth.ts';

export interface PrometheusServerOptions {
  readonly url: string;
  readonly token: Redacted | null;
  readonly clock: Clock;
}

export interface ValuesAt {
  readonly query: string;
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly signal: AbortSignal | undefined;
}

const deadlineMs = 4_000;

const point = z.tuple([z.number(), z.coerce.number()]);
const answerSchema = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('success'),
    data: z.object({
      resultType: z.literal('matrix'),
      result: z.array(z.object({ metric: z.record(z.string(), z.string()), values: z.array(point) })),
    }),
  }),
  z.object({ status: z.literal('error'), error: z.string() }),
]);

/** Asks a Prometheus server over its HTTP API. */
export class PrometheusServer {
  readonly #options: PrometheusServerOptions;

  constructor(options: PrometheusServerOptions) {
    this.#options = options;
  }

  /** The series of a query at two times. Throws `BLUEGREEN_TRAFFIC_UNREADABLE`. */
  async valuesAt({ query, sinceMs, untilMs, signal }: ValuesAt): Promise<readonly CounterValues[]> {
    const [start, end] = [Math.round(sinceMs), Math.round(untilMs)];
    if (end <= start) return [];
    // One range with two points, so that one answer holds both.
    const form = { query, start: String(start / 1_000), end: String(end / 1_000), step: `${end - start}ms` };
    const answer = await this.#ask(new URLSearchParams(form), signal);
    if (answer.status === 'error') {
      throw trafficUnreadable(this.#options.url, `${answer.error} in the query ${query}`, 'mend the query');
    }
    return answer.data.result.map(({ metric, values }) => {
      const valueAt = (timeMs: number) =>
        values.find(([seconds]) => Math.round(seconds * 1_000) === timeMs)?.[1] ?? null;
      return { labels: metric, before: valueAt(start), after: valueAt(end) };
    });
  }

  async #ask(form: URLSearchParams, signal: AbortSignal | undefined): Promise<z.infer<typeof answerSchema>> {
    const { url, token, clock } = this.#options;
    const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token.reveal()}` };
    const address = new URL('api/v1/query_range', url.endsWith('/') ? url : `${url}/`);
    const unreadable = (reason: string, cause?: unknown) =>
      trafficUnreadable(url, reason, 'see whether Prometheus runs at this address and lets you in', cause);
    try {
      return await withDeadline(
        async (inner) => {
          const response = await fetch(address, {
            method: 'POST',
            body: form,
            headers,
            redirect: 'error',
            signal: inner,
          });
          const answer = answerSchema.safeParse(await response.json().catch(() => null));
          if (answer.success) return answer.data;
          throw unreadable(`it answered ${response.status}, and not as Prometheus does`);
        },
        { deadlineMs, clock, signal, onExpired: () => unreadable(`no answer in ${deadlineMs} ms`) },
      );
    } catch (error) {
      signal?.throwIfAborted();
      if (isMaestroError(error)) throw error;
      throw unreadable(messageOf(error instanceof Error && error.cause !== undefined ? error.cause : error), error);
    }
  }
}
