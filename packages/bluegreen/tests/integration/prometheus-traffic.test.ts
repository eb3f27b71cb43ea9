import { once } from 'node:events';
import { createServer } from 'node:http';

import { poll, Redacted, systemClock } from '@maestro/core';
import { describeWith } from '@maestro/services/vitest';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import { openBlueGreen } from '../../src/index.ts';
import { prometheusTraffic } from '../../src/prometheus.ts';
import { MemoryRouter, MemoryRuntime } from '../../src/testing.ts';
import { specOf } from './environment.ts';

const queries = {
  requests: 'sum(requests_total{service="$service", slot="$slot"})',
  errors: 'sum(requests_total{service="$service", slot="$slot", status=~"5.."})',
  durations: 'sum by (le) (duration_seconds_bucket{service="$service", slot="$slot"})',
};
const blue = { service: 'api', slot: 'blue' } as const;
const green = { service: 'api', slot: 'green' } as const;

/** A service that exposes counters a test moves. */
async function exposing() {
  const counts = new Map<string, number>();
  const count = (series: string, by = 1) => counts.set(series, (counts.get(series) ?? 0) + by);
  const server = createServer((_, response) => {
    response.end([...counts].map(([series, value]) => `${series} ${value}\n`).join(''));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    target: `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    reset: () => {
      for (const series of counts.keys()) if (series !== 'mark') counts.set(series, 0);
    },
    /** A number that was exposed at no other time. */
    mark: () => {
      count('mark');
      return counts.get('mark') ?? 0;
    },
    /** Requests of a slot, each of which took so long. */
    serve: ({ service, slot }: typeof blue | typeof green, status: number, seconds: number, requests: number) => {
      const labels = `service="${service}",slot="${slot}"`;
      count(`requests_total{${labels},status="${status}"}`, requests);
      for (const le of ['0.1', '1', '+Inf']) {
        const within = le === '+Inf' || seconds <= Number(le);
        count(`duration_seconds_bucket{${labels},le="${le}"}`, within ? requests : 0);
      }
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

describeWith('traffic counted by Prometheus', ['prometheus'], (parts) => {
  let service: Awaited<ReturnType<typeof exposing>>;
  let url: string;

  beforeAll(async () => {
    service = await exposing();
    const targets = `    static_configs:\n      - targets: ['${service.target}']\n`;
    const config = () =>
      `global:\n  scrape_interval: 200ms\n  scrape_timeout: 200ms\nscrape_configs:\n  - job_name: test\n${targets}`;
    ({ url } = await parts().prometheus.start({ config }));
    return () => {
      service.close();
    };
  });

  /** Waits until what was counted so far has been scraped, and says when that was. */
  async function scraped(): Promise<number> {
    const mark = service.mark();
    const outcome = await poll({
      probe: async () => {
        const response = await fetch(`${url}/api/v1/query?query=mark`);
        return response.text();
      },
      accept: (answer) => answer.includes(`"${mark}"`),
      intervalMs: 50,
      deadlineMs: 30_000,
      clock: systemClock,
    });
    expect(outcome.accepted, outcome.value).toBe(true);
    return systemClock.now();
  }

  it('is what was counted of the slot in the time, failed and by duration', async () => {
    service.serve(blue, 200, 0.05, 100);
    const sinceMs = await scraped();
    service.serve(blue, 200, 0.05, 10);
    service.serve(blue, 503, 0.5, 3);
    service.serve(blue, 200, 5, 1);
    service.serve(green, 200, 0.05, 50);
    const untilMs = await scraped();
    service.serve(blue, 200, 0.05, 1_000);
    await scraped();

    const traffic = prometheusTraffic({ url, queries });
    expect(await traffic.of({ ...blue, sinceMs, untilMs })).toEqual({
      requests: 14,
      errors: 3,
      durations: [
        { upToMs: 100, requests: 10 },
        { upToMs: 1_000, requests: 3 },
        { upToMs: Infinity, requests: 1 },
      ],
    });
    expect(await traffic.of({ ...green, sinceMs, untilMs })).toMatchObject({ requests: 50, errors: 0 });
    const nobody = { service: 'web', slot: 'blue', sinceMs } as const;
    expect(await traffic.of(nobody)).toEqual({ requests: 0, errors: 0, durations: [] });
    expect(await traffic.of({ ...blue, sinceMs, untilMs: sinceMs })).toEqual({ requests: 0, errors: 0, durations: [] });
  });

  it('goes on after the counters began anew', async () => {
    service.serve(blue, 200, 0.05, 500);
    const sinceMs = await scraped();
    service.reset();
    service.serve(blue, 200, 0.05, 7);
    await scraped();
    expect(await prometheusTraffic({ url, queries }).of({ ...blue, sinceMs })).toMatchObject({ requests: 7 });
  });

  describe('that cannot be read', () => {
    const of = (options: Partial<Parameters<typeof prometheusTraffic>[0]>) =>
      prometheusTraffic({ url, queries, ...options }).of({ ...blue, sinceMs: systemClock.now() - 1_000 });

    it('says what is wrong with a query', async () => {
      await expect(of({ queries: { ...queries, errors: 'sum(' } })).rejects.toMatchObject({
        code: 'BLUEGREEN_TRAFFIC_UNREADABLE',
        message: expect.stringMatching(/parse error.* in the query sum\($/) as string,
        hint: 'mend the query',
      });
    });

    it('says that nothing answers, or something else, and shows no token', async () => {
      const token = new Redacted('very-secret-token');
      for (const wrong of ['http://127.0.0.1:1', `http://${service.target}`]) {
        const failure: unknown = await of({ url: wrong, token }).catch((error: unknown) => error);
        expect(failure).toMatchObject({ code: 'BLUEGREEN_TRAFFIC_UNREADABLE', retryable: true });
        expect(JSON.stringify(failure)).not.toContain('very-secret-token');
      }
    });
  });

  it('takes a release back that fails', async () => {
    const router = new MemoryRouter();
    const runtime = new MemoryRuntime({ router });
    const stop = new AbortController();
    onTestFinished(() => {
      stop.abort();
    });
    const traffic = prometheusTraffic({ url, queries });
    const blueGreen = openBlueGreen({ runtime, router, traffic });
    for (const key of [blue, green]) await blueGreen.start(specOf(key));
    const { generation: previous } = await blueGreen.switchTo({
      release: 'r1',
      slots: { api: 'blue' },
      expected: null,
    });
    const serving = poll({
      probe: async () => {
        const live = (await router.generation())?.slots.api;
        if (live === 'green') service.serve(green, 500, 0.05, 5);
        else service.serve(blue, 200, 0.05, 5);
      },
      accept: () => false,
      intervalMs: 50,
      deadlineMs: 60_000,
      clock: systemClock,
      signal: stop.signal,
    }).catch(() => undefined);
    await scraped();
    const { generation } = await blueGreen.switchTo({
      release: 'r2',
      slots: { api: 'green' },
      expected: previous.number,
    });
    const outcome = await blueGreen.bake({ generation, previous, bakeMs: 50_000, intervalMs: 500 });
    stop.abort();
    await serving;
    expect(outcome).toMatchObject({ kind: 'returned', worse: [{ ...green, findings: [{ kind: 'errors' }] }] });
    expect(router.live?.slots).toEqual({ api: 'blue' });
  });
});
