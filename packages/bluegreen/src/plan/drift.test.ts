import { expect, it } from 'vitest';

import type { Instance } from '../ports/runtime.ts';
import type { Slot } from '../slots.ts';
import { sampleInstance } from '../testing/sample-instance.ts';
import { findDrift } from './drift.ts';
import type { Generation } from './generation.ts';

const switchedAt = '2026-01-01T12:00:00.000Z';

const instance = (overrides: Partial<Instance>) =>
  sampleInstance({ startedAt: '2026-01-01T11:59:00.000Z', ...overrides });

const live = (slots: Readonly<Record<string, Slot>>, canaryPercents = {}): Generation => ({
  number: 7,
  release: 'r1',
  at: switchedAt,
  slots,
  canaryPercents,
});
const api = { service: 'api' };
const mailer = { service: 'mailer', strategy: { kind: 'worker', successor: 'beside' } } as const;

function drift(
  generation: Generation | null,
  instances: readonly Instance[],
  services: readonly object[] = [api, mailer],
) {
  const expected = services as Parameters<typeof findDrift>[0]['services'];
  return findDrift({ generation, instances, services: expected }).map(({ kind, service, slot, next }) => {
    return `${kind} ${service}.${slot}: ${next}`;
  });
}

it('is none where all is as the last release left it', () => {
  expect(drift(null, [])).toEqual([]);
  const warm = instance({ slot: 'green', startedAt: '2026-01-01T11:00:00.000Z' });
  expect(drift(live({ api: 'blue' }), [instance({}), warm, instance({ service: 'mailer' })])).toEqual([]);
  expect(drift(live({ api: 'blue' }), [instance({}), instance({ slot: 'green', state: 'stopped' })])).toEqual([]);
});

it.each([
  ['missing', []],
  ['stopped', [instance({ state: 'stopped', exit: 'SIGTERM' })]],
  ['crashed', [instance({ state: 'crashed', exit: 'exit code 1' })]],
] as const)('is a live instance that is %s', (kind, instances) => {
  expect(drift(live({ api: 'blue' }), instances)).toEqual([`${kind} api.blue: maestro deploy api`]);
});

it('is an instance that was started beside the live one after the switch, unless it is a canary', () => {
  const started = instance({ slot: 'green', startedAt: '2026-01-01T12:00:01.000Z' });
  expect(drift(live({ api: 'blue' }), [instance({}), started])).toEqual(['running api.green: maestro deploy api']);
  expect(drift(live({ api: 'blue' }, { api: 10 }), [instance({}), started])).toEqual([]);
  expect(drift(null, [started])).toEqual(['running api.green: maestro deploy api']);
});

it('is a service that nobody knows, while it runs or is live', () => {
  const unknown = instance({ service: 'legacy', slot: 'green' });
  expect(drift(live({ api: 'blue', old: 'green' }), [instance({}), unknown])).toEqual([
    'unknown legacy.green: maestro deploy',
    'unknown old.green: maestro deploy',
  ]);
  expect(drift(live({}), [instance({ service: 'legacy', state: 'stopped' })])).toEqual([]);
});

it('is a worker that does not run, or runs twice', () => {
  const worker = (overrides: Partial<Instance>) => instance({ service: 'mailer', ...overrides });
  expect(drift(live({}), [])).toEqual([]);
  const last = worker({ slot: 'green', state: 'crashed', startedAt: '2026-01-01T12:00:01.000Z' });
  expect(drift(live({}), [worker({ state: 'stopped' }), last])).toEqual([
    'crashed mailer.green: maestro deploy mailer',
  ]);
  expect(drift(live({}), [worker({}), worker({ slot: 'green' })])).toEqual([
    'running mailer.green: maestro deploy mailer',
  ]);
});
