import type { LockSighting, LogLine, Metric, ProxyView, ServiceLogs } from '@maestro/orchestrator';

import { minutesAgo, release } from './sample-data.ts';

export const heldLock: LockSighting = {
  holder: 'ana@ci-7 (pid 123)',
  purpose: `deploy ${release}`,
  since: minutesAgo(5),
  renewedAt: minutesAgo(0),
  token: 7,
  state: 'held',
  leaseLeftMs: 12_000,
};

export const proxyView: ProxyView = {
  environment: 'production',
  url: 'http://127.0.0.1:8080',
  generation: { number: 41, release, at: minutesAgo(3) },
  services: [
    {
      name: 'api',
      route: { host: null, path: '/api' },
      internalUrl: 'http://10.192.0.1:20001',
      slots: [
        { slot: 'blue', percent: 10, state: 'running', addresses: ['10.192.0.2:8080'] },
        { slot: 'green', percent: 90, state: 'running', addresses: ['10.192.0.3:8080', '10.192.0.4:8080'] },
      ],
    },
    {
      name: 'web',
      route: { host: 'shop.example.com', path: '/' },
      internalUrl: null,
      slots: [
        { slot: 'blue', percent: 100, state: 'running', addresses: ['10.192.0.5:8080'] },
        { slot: 'green', percent: 0, state: null, addresses: [] },
      ],
    },
  ],
};

export const sampleMetrics: readonly Metric[] = [
  { name: 'maestro_generation', help: 'The number.', type: 'gauge', samples: [{ labels: { release }, value: 41 }] },
];

/** The log of an instance that has printed these lines. */
export function sampleLogs(texts: readonly string[], changes: Partial<ServiceLogs> = {}): ServiceLogs {
  return { service: 'api', slot: 'green', release, lines: linesOf(texts), ...changes };
}

async function* linesOf(texts: readonly string[]): AsyncGenerator<LogLine> {
  for (const text of texts) yield await Promise.resolve({ replica: 0, at: minutesAgo(1), text });
}
