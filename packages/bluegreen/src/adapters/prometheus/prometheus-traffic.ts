import { type Clock, type Redacted, systemClock } from '@maestro/core';

import type { DurationCount, SlotTraffic, TrafficSource, TrafficWindow } from '../../ports/traffic.ts';
import { growthOf, type Series } from './growth.ts';
import { PrometheusServer } from './prometheus-server.ts';

export interface PrometheusOptions {
  /** Such as `http://prometheus:9090`. */
  readonly url: string;
  /** Sent as a bearer token. */
  readonly token?: Redacted | undefined;
  /**
   * Queries for counters of one slot, with `$service` and `$slot` in place of the names:
   * `sum(http_requests_total{service="$service", slot="$slot"})`.
   */
  readonly queries: {
    readonly requests: string;
    /** Those of them that failed. */
    readonly errors: string;
    /** Buckets of a histogram in seconds, by `le`; without it the latency is not judged. */
    readonly durations?: string | undefined;
  };
  readonly clock?: Clock | undefined;
}

/**
 * What Prometheus counted, by the difference of counters from one time to another. It knows nothing between two scrapes: a
 * failure shows after two to four of them.
 */
export function prometheusTraffic({ url, token, queries, clock = systemClock }: PrometheusOptions): TrafficSource {
  const server = new PrometheusServer({ url, token: token ?? null, clock });

  return {
    of: async (
      { service, slot, sinceMs, untilMs = clock.now() }: TrafficWindow,
      { signal } = {},
    ): Promise<SlotTraffic> => {
      const growth = async (query: string | undefined): Promise<readonly Series[]> => {
        if (query === undefined) return [];
        const named = query.replaceAll('$service', service).replaceAll('$slot', slot);
        return growthOf(await server.valuesAt({ query: named, sinceMs, untilMs, signal }));
      };
      const [requests, errors, durations] = await Promise.all([
        growth(queries.requests).then(totalOf),
        growth(queries.errors).then(totalOf),
        growth(queries.durations).then(durationsOf),
      ]);
      return { requests, errors: Math.min(errors, requests), durations };
    },
  };
}

function totalOf(series: readonly Series[]): number {
  return Math.round(series.reduce((sum, { value }) => sum + value, 0));
}

/** From buckets that each hold the ones below to counts of their own. */
function durationsOf(series: readonly Series[]): readonly DurationCount[] {
  const buckets = new Map<number, number>();
  for (const { labels, value } of series) {
    const upToMs = labels.le === '+Inf' ? Infinity : Number(labels.le) * 1_000;
    if (!Number.isNaN(upToMs)) buckets.set(upToMs, (buckets.get(upToMs) ?? 0) + value);
  }
  const rising = [...buckets].sort(([one], [two]) => one - two);
  return rising.map(([upToMs, value], index) => ({
    upToMs,
    requests: Math.max(0, Math.round(value - (rising[index - 1]?.[1] ?? 0))),
  }));
}
