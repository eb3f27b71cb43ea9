import type { Instance } from '../ports/runtime.ts';

/** An instance as a test needs it. */
export function sampleInstance(overrides: Partial<Instance> = {}): Instance {
  return {
    service: 'api',
    slot: 'blue',
    release: 'r1',
    image: 'shop-api:demo-abc1234',
    digest: 'sha256:one',
    configHash: 'c1',
    state: 'running',
    addresses: [{ host: '127.0.0.1', port: 21_000 }],
    restarts: 0,
    imageHealth: null,
    startedAt: '2026-01-01T00:00:00.000Z',
    exit: null,
    ...overrides,
  };
}
