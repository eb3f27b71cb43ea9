import { format, inspect } from 'node:util';

import { reportError } from '@maestro/core';
import { ManualClock, RecordingLogger } from '@maestro/core/testing';
import { beforeEach, describe, expect, it } from 'vitest';

import { openSecrets, type OpenSecretsOptions } from './open-secrets.ts';
import type { SecretStore } from './ports/secret-store.ts';
import { MemorySecretStore } from './testing.ts';

let clock: ManualClock;
let logger: RecordingLogger;
let store: MemorySecretStore;
beforeEach(() => {
  clock = new ManualClock();
  logger = new RecordingLogger();
  store = new MemorySecretStore({ A: 'alpha', B: 'beta', db: '{"user":"shop","password":"p"}' });
});

const open = (options: Partial<OpenSecretsOptions> = {}) => openSecrets({ store, clock, logger, ...options });
const cache = { ttlMs: 1000, staleMs: 500 };

describe('get', () => {
  it('gives a secret, or one key of it', async () => {
    const secrets = open();
    expect((await secrets.get('A')).reveal()).toBe('alpha');
    expect((await secrets.get('db#password')).reveal()).toBe('p');
  });

  it('gives the version or the stage that is named', async () => {
    store.set('A', 'changed');
    const secrets = open();
    expect((await secrets.get('A', { version: 'v1' })).reveal()).toBe('alpha');
    expect((await secrets.get('A', { stage: 'previous' })).reveal()).toBe('alpha');
    expect((await secrets.get('A', { stage: 'current' })).reveal()).toBe('changed');
    expect((await secrets.get('A')).reveal()).toBe('changed');
    await expect(secrets.get('A', { version: 'v9' })).rejects.toMatchObject({ code: 'SECRETS_VERSION_GONE' });
  });

  it('follows references to what is current, and keys of the same secret to the same version', async () => {
    store.set('url', '{"url":"{{maestro:url#user}}@{{maestro:A}}","user":"old"}');
    store.set('url', '{"url":"{{maestro:url#user}}@{{maestro:A}}","user":"new"}');
    store.set('A', 'changed');
    const secrets = open();
    expect((await secrets.get('url#url')).reveal()).toBe('new@changed');
    expect((await secrets.get('url#url', { version: 'v1' })).reveal()).toBe('old@changed');
  });

  it.each([
    ['missing', 'C', 'SECRETS_MISSING', '1 secret is not available from memory: C is missing'],
    ['without its key', 'db#host', 'SECRETS_MISSING', '1 secret is not available from memory: db#host has no such key'],
    ['empty', 'E', 'SECRETS_MISSING', '1 secret is not available from memory: E is empty'],
  ])('refuses what is %s', async (_, id, code, message) => {
    store.set('E', '');
    await expect(open().get(id)).rejects.toMatchObject({ code, message });
  });

  it('ends at the deadline and with a signal, whatever the store does', async () => {
    const silent: SecretStore = { name: 'silent', fetch: () => new Promise(() => undefined) };
    const secrets = open({ store: silent, deadlineMs: 500 });
    const stop = new AbortController();
    const stopped = expect(secrets.get('A', { signal: stop.signal })).rejects.toThrow('stopped by the operator');
    const failed = expect(secrets.get('A')).rejects.toMatchObject({ code: 'SECRETS_UNAVAILABLE', retryable: true });
    stop.abort(new Error('stopped by the operator'));
    await stopped;
    await clock.advance(500);
    await failed;
  });
});

describe('the cache', () => {
  it('asks once for 10 000 reads at the same time', async () => {
    const secrets = open();
    const values = await Promise.all(Array.from({ length: 10_000 }, () => secrets.get('A')));
    expect(new Set(values.map((value) => value.reveal()))).toEqual(new Set(['alpha']));
    expect(store.batches).toEqual([['A']]);
  });

  it('asks in one batch for what is read at the same time', async () => {
    const secrets = open();
    await Promise.all([secrets.get('A'), secrets.get('db#user'), secrets.get('B'), secrets.get('db#password')]);
    expect(store.batches).toEqual([['A', 'db', 'B']]);
  });

  it('keeps versions and stages apart', async () => {
    store.set('A', 'changed');
    const secrets = open();
    const all = [secrets.get('A'), secrets.get('A', { version: 'v1' }), secrets.get('A', { stage: 'previous' })];
    expect((await Promise.all(all)).map((value) => value.reveal())).toEqual(['changed', 'alpha', 'alpha']);
    expect(store.batches).toEqual([['A'], ['A'], ['A']]);
  });

  it('gives what it has until it is too old, then asks', async () => {
    const secrets = open({ cache: { ttlMs: 1000, staleMs: 0 } });
    await secrets.get('A');
    store.set('A', 'changed');
    await clock.advance(999);
    expect((await secrets.get('A')).reveal()).toBe('alpha');
    await clock.advance(1);
    expect((await secrets.get('A')).reveal()).toBe('changed');
    expect(store.batches).toHaveLength(2);
  });

  it('refreshes what is no longer fresh while it gives it out once more, to all with one fetch', async () => {
    const secrets = open({ cache });
    await secrets.get('A');
    store.set('A', 'changed');
    await clock.advance(1000);
    const reads = await Promise.all(Array.from({ length: 100 }, () => secrets.get('A')));
    expect(new Set(reads.map((value) => value.reveal()))).toEqual(new Set(['alpha']));
    await clock.advance(0);
    expect((await secrets.get('A')).reveal()).toBe('changed');
    expect(store.batches).toHaveLength(2);
  });

  it('gives nothing out that is older than the bound, also where nobody has read in between', async () => {
    const secrets = open({ cache });
    await secrets.get('A');
    store.set('A', 'changed');
    await clock.advance(1500);
    expect((await secrets.get('A')).reveal()).toBe('changed');
  });

  it('counts the age of a value from before it was asked for', async () => {
    const slow: SecretStore = {
      name: 'slow',
      fetch: async (names, options) => {
        const answer = await store.fetch(names, options);
        await clock.sleep(900);
        return answer;
      },
    };
    const secrets = open({ store: slow, cache: { ttlMs: 1000, staleMs: 0 } });
    const first = secrets.get('A');
    await clock.advance(900);
    await first;
    store.set('A', 'changed');
    await clock.advance(100);
    const second = secrets.get('A');
    await clock.advance(900);
    expect((await second).reveal()).toBe('changed');
  });

  it('bridges a store that is away as long as the bound allows, asks it once a second, and says so', async () => {
    const secrets = open({ cache: { ttlMs: 1000, staleMs: 3000 } });
    await secrets.get('A');
    store.fail('A', 'unavailable');
    for (let read = 0; read < 30; read += 1) {
      await clock.advance(100);
      expect((await secrets.get('A')).reveal()).toBe('alpha');
    }
    expect(store.batches.length).toBeGreaterThan(2);
    expect(store.batches.length).toBeLessThan(5);
    expect(logger.lines[0]).toMatchObject({ level: 'warn', fields: { name: 'A', reason: 'unavailable' } });
    await clock.advance(1000);
    await expect(secrets.get('A')).rejects.toMatchObject({ code: 'SECRETS_UNAVAILABLE' });
  });

  it.each(['missing', 'denied', 'pending-deletion'] as const)(
    'stops giving out at once what turns out to be %s',
    async (reason) => {
      const secrets = open({ cache });
      await secrets.get('A');
      store.fail('A', reason);
      await clock.advance(1000);
      await secrets.get('A');
      await clock.advance(0);
      await expect(secrets.get('A')).rejects.toMatchObject({ retryable: false });
    },
  );

  it('throws a failure again for a second, and then asks again', async () => {
    const secrets = open();
    for (let read = 0; read < 5; read += 1) await expect(secrets.get('C')).rejects.toThrow('C is missing');
    expect(store.batches).toHaveLength(1);
    store.set('C', 'gamma');
    await clock.advance(1000);
    expect((await secrets.get('C')).reveal()).toBe('gamma');
  });

  it('throws what the store throws, and asks again after a second', async () => {
    let isBroken = true;
    const broken: SecretStore = {
      name: 'broken',
      fetch: (names, options) => (isBroken ? Promise.reject(new Error('no disk')) : store.fetch(names, options)),
    };
    const secrets = open({ store: broken });
    await expect(secrets.get('A')).rejects.toThrow('no disk');
    isBroken = false;
    await expect(secrets.get('A')).rejects.toThrow('no disk');
    await clock.advance(1000);
    expect((await secrets.get('A')).reveal()).toBe('alpha');
  });

  it('never asks again for a version', async () => {
    const secrets = open({ cache });
    await secrets.get('A', { version: 'v1' });
    store.fail('A', 'unavailable');
    await clock.advance(10_000_000);
    expect((await secrets.get('A', { version: 'v1' })).reveal()).toBe('alpha');
    expect(store.batches).toHaveLength(1);
  });

  it('asks again after it was told to forget, one or all', async () => {
    const secrets = open();
    await Promise.all([secrets.get('A'), secrets.get('B'), secrets.get('db#user')]);
    store.set('A', 'changed');
    store.set('db', '{"user":"other"}');
    secrets.invalidate('A');
    expect((await secrets.get('A')).reveal()).toBe('changed');
    expect((await secrets.get('db#user')).reveal()).toBe('shop');
    secrets.invalidate();
    expect((await secrets.get('db#user')).reveal()).toBe('other');
    expect(store.batches).toEqual([['A', 'B', 'db'], ['A'], ['db']]);
  });

  it('does not keep what was on its way when it was told to forget', async () => {
    let land: () => void = () => undefined;
    const slow: SecretStore = {
      name: 'slow',
      fetch: async (names, options) => {
        const answer = await store.fetch(names, options);
        if (store.batches.length === 1) await new Promise<void>((resolve) => (land = resolve));
        return answer;
      },
    };
    const secrets = open({ store: slow });
    const before = secrets.get('A');
    await clock.advance(0);
    store.set('A', 'changed');
    secrets.invalidate('A');
    const after = secrets.get('A');
    expect((await after).reveal()).toBe('changed');
    land();
    expect((await before).reveal()).toBe('alpha');
    expect((await secrets.get('A')).reveal()).toBe('changed');
    expect(store.batches).toHaveLength(2);
  });

  it('notices that a secret has changed which another one refers to', async () => {
    store.set('url', 'x:{{maestro:A}}');
    const secrets = open({ cache: { ttlMs: 1000, staleMs: 0 } });
    await secrets.get('url');
    await clock.advance(500);
    store.set('A', 'changed');
    secrets.invalidate('A');
    expect((await secrets.get('url')).reveal()).toBe('x:changed');
    expect(store.batches).toEqual([['url'], ['A'], ['A']]);
  });

  it('forgets the oldest of more than a thousand', async () => {
    const names = Array.from({ length: 1001 }, (_, index) => `N${index}`);
    for (const name of names) store.set(name, name);
    const secrets = open();
    for (const name of names) await secrets.get(name);
    await secrets.get('N1');
    expect(store.batches).toHaveLength(1001);
    await secrets.get('N0');
    expect(store.batches).toHaveLength(1002);
  });
});

it('shows no value in what it returns, throws or logs, however it is printed', async () => {
  store = new MemorySecretStore({ A: 'canary-a', B: '{"k":"canary {{maestro:A#x}}"}', C: '{{maestro:A}} {{maestro:' });
  const secrets = open({ cache });
  const value = await secrets.get('A');
  const errors = await Promise.all(
    ['B#k', 'C', 'A#canary'].map((id) => secrets.get(id).catch((error: unknown) => error)),
  );
  store.fail('A', 'denied');
  await clock.advance(1000);
  await secrets.get('A');
  await clock.advance(0);
  const seen = [secrets, value, errors, errors.map((error) => reportError(error)), logger.lines];
  const printed = [
    inspect(seen, { showHidden: true, depth: 20 }),
    format('%s %o %j', seen, seen, seen),
    JSON.stringify(seen),
  ].join();
  expect(logger.lines).not.toHaveLength(0);
  expect(printed.replaceAll('A#canary', '')).not.toContain('canary');
});
