import { ManualClock, RecordingLogger } from '@maestro/core/testing';
import { beforeEach, expect, it } from 'vitest';

import { FakeSecretsManager } from '../../testing.ts';

let clock: ManualClock;
let original: FakeSecretsManager;
let replica: FakeSecretsManager;
let logger: RecordingLogger;
beforeEach(() => {
  clock = new ManualClock();
  logger = new RecordingLogger();
  original = new FakeSecretsManager({ clock });
  replica = new FakeSecretsManager({ region: 'eu-west-1', replicaOf: original, clock });
  for (let index = 0; index < 100; index += 1) original.set(`N${index}`, `value ${index}`);
});

const names = Array.from({ length: 100 }, (_, index) => `N${index}`);
const open = () => original.store({ replicas: [replica], logger });

async function fetched(store = open(), ms = 20_000) {
  const answer = store.fetch(names);
  await clock.advance(ms);
  const { found, failed } = await answer;
  return { found: found.size, reasons: new Set([...failed.values()].map(({ reason }) => reason)) };
}

it.each(['unreachable', 'silent', 'InternalServiceError', 'ThrottlingException'] as const)(
  'reads everything in another region within 5 s, where the first is %s',
  async (error) => {
    original.fail({ error });
    expect(await fetched(open(), 5000)).toEqual({ found: 100, reasons: new Set() });
    expect(replica.calls.map(({ ids }) => ids.length)).toEqual([20, 20, 20, 20, 20]);
  },
);

it('passes the region over that is out for half a minute, then asks it again', async () => {
  original.fail({ error: 'unreachable' });
  const store = open();
  await fetched(store, 5000);
  const before = original.calls.length;
  await fetched(store, 29_000);
  expect(original.calls).toHaveLength(before);
  original.heal();
  await clock.advance(2000);
  await fetched(store, 0);
  expect(original.calls).toHaveLength(before + 5);
});

it('asks only for what the first region could not give', async () => {
  original.refuse('N7', 'InternalServiceError');
  await fetched();
  expect(replica.calls).toEqual([{ action: 'BatchGetSecretValue', ids: ['N7'] }]);
});

it('comes back to the region that was passed over, when no other one answers', async () => {
  original.fail({ error: 'unreachable' });
  const store = open();
  await fetched(store, 5000);
  original.heal();
  replica.fail({ error: 'unreachable' });
  expect(await fetched(store, 10_000)).toEqual({ found: 100, reasons: new Set() });
});

it('says unavailable where no region answers, at the deadline', async () => {
  original.fail({ error: 'silent' });
  replica.fail({ error: 'ThrottlingException' });
  expect(await fetched()).toEqual({ found: 0, reasons: new Set(['unavailable']) });
});

it('says unavailable where a replica denies what the first cannot answer', async () => {
  original.fail({ error: 'unreachable' });
  replica.fail({ error: 'AccessDeniedException' });
  expect(await fetched()).toEqual({ found: 0, reasons: new Set(['unavailable']) });
});
