import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { poll, systemClock } from '@maestro/core';
import { expect, it } from 'vitest';
import { z } from 'zod';

import type { Configuration } from '../src/parts/configured-server.ts';
import { prometheus } from '../src/parts/prometheus.ts';
import { describeWith } from '../src/vitest.ts';
import { openOwnSuite, ownServerContract, timeout } from './own-server-contract.ts';

const scraping =
  (target: string): Configuration =>
  () => `
global:
  scrape_interval: 200ms
  scrape_timeout: 200ms
scrape_configs:
  - job_name: test
    static_configs:
      - targets: ['${target}']
`;

describeWith('Prometheus', ['prometheus'], () => {
  ownServerContract({
    part: prometheus,
    serve: async (suite) => (await suite.start({ config: scraping('127.0.0.1:1') })).port,
  });

  it(
    'answers queries with what the suite has it scrape, and suites with nothing of each other',
    async () => {
      await using metrics = await exposing('deployments_total 7');
      const [one, other] = [await openOwnSuite(prometheus), await openOwnSuite(prometheus)];
      const scraper = await one.suite.start({ config: scraping(metrics.target) });
      const idle = await other.suite.start({ config: scraping('127.0.0.1:1') });
      expect(await valueOf(scraper.url, 'deployments_total')).toBe('7');
      expect(await query(idle.url, 'deployments_total')).toEqual([]);
    },
    timeout,
  );

  it(
    'scrapes by another configuration after a reload',
    async () => {
      await using metrics = await exposing('deployments_total 7');
      const { suite } = await openOwnSuite(prometheus);
      const server = await suite.start({ config: scraping('127.0.0.1:1') });
      await server.reload({ config: scraping(metrics.target) });
      expect(await valueOf(server.url, 'deployments_total')).toBe('7');
    },
    timeout,
  );

  it('refuses a wrong configuration in its own words, with the line', async () => {
    const { suite } = await openOwnSuite(prometheus);
    const config = () => 'global:\n  scrap_interval: 1s\n';
    await expect(suite.start({ config })).rejects.toThrow(/line 2: field scrap_interval not found/);
  });
});

/** A server that exposes metrics, on a free port. */
async function exposing(metrics: string) {
  const server = createServer((_, response) => response.end(`${metrics}\n`)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    target: `127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The value of a metric, once it was scraped. */
async function valueOf(url: string, metric: string): Promise<string | undefined> {
  const { value } = await poll({
    probe: () => query(url, metric),
    accept: (values) => values.length > 0,
    intervalMs: 50,
    deadlineMs: 20_000,
    clock: systemClock,
  });
  return value?.[0];
}

const answer = z.object({
  data: z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })) }),
});

async function query(url: string, expression: string): Promise<readonly string[]> {
  const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(expression)}`);
  return answer.parse(await response.json()).data.result.map(({ value }) => value[1]);
}
