import { format, inspect } from 'node:util';

import { reportError, type Timed } from '@maestro/core';
import { ManualClock, RecordingLogger } from '@maestro/core/testing';
import { describe, expect, it } from 'vitest';

import type { SecretsEvent } from './events.ts';
import type { SecretStore } from './ports/secret-store.ts';
import { prepareSecrets } from './prepare-secrets.ts';
import { FakeSecretsManager, MemorySecretStore } from './testing.ts';

const services = [
  { name: 'api', secrets: ['DB', 'KEY'] },
  { name: 'worker', secrets: ['DB'] },
];

describe('when everything is there', () => {
  it('gives each service its own secrets and records their versions', async () => {
    const store = new MemorySecretStore({ DB: 'canary-db', KEY: 'canary-key', OTHER: 'x' });
    const prepared = await prepareSecrets({ store, services });
    expect(prepared.versions).toEqual({ api: { DB: 'v1', KEY: 'v1' }, worker: { DB: 'v1' } });
    expect(Object.keys(prepared.forService('api'))).toEqual(['DB', 'KEY']);
    expect(prepared.forService('worker').DB?.reveal()).toBe('canary-db');
    expect(prepared.forService('worker').KEY).toBeUndefined();
  });

  it('asks the store once, for each name once', async () => {
    const store = new MemorySecretStore({ DB: 'a', KEY: 'b' });
    await prepareSecrets({ store, services });
    expect(store.batches).toEqual([['DB', 'KEY']]);
  });

  it('leaves the store alone when no service needs a secret', async () => {
    const store = new MemorySecretStore();
    const prepared = await prepareSecrets({ store, services: [{ name: 'web', secrets: [] }] });
    expect(store.batches).toEqual([]);
    expect(prepared.forService('web')).toEqual({});
    expect(prepared.versions).toEqual({ web: {} });
  });

  it('brings back the versions of an earlier release, also where services differ', async () => {
    const store = new MemorySecretStore({ DB: 'old', KEY: 'k' });
    store.set('DB', 'new');
    const versions = { api: { DB: 'v1', KEY: 'v1' }, worker: { DB: 'v2' } };
    const prepared = await prepareSecrets({ store, services, versions });
    expect(prepared.forService('api').DB?.reveal()).toBe('old');
    expect(prepared.forService('worker').DB?.reveal()).toBe('new');
    expect(prepared.versions).toEqual(versions);
  });

  it('reports names, places and times', async () => {
    const events: Timed<SecretsEvent>[] = [];
    const store = new MemorySecretStore({ DB: 'a', KEY: 'b' });
    await prepareSecrets({ store, services, clock: new ManualClock(0), onEvent: (event) => events.push(event) });
    const at = '1970-01-01T00:00:00.000Z';
    const names = ['DB', 'KEY'];
    expect(events).toEqual([
      { type: 'secrets-fetching', store: 'memory', names, at },
      { type: 'secrets-prepared', store: 'memory', names, services: ['api', 'worker'], durationMs: 0, at },
    ]);
  });

  it('gives keys of a secret under the names of variables, and fetches it once', async () => {
    const store = new MemorySecretStore({ 'shop/db': '{"user":"shop","password":"p"}', KEY: 'k' });
    const secrets = { DB_USER: 'shop/db#user', DB_PASSWORD: 'shop/db#password', KEY: 'KEY' };
    const prepared = await prepareSecrets({ store, services: [{ name: 'api', secrets }] });
    const values = Object.entries(prepared.forService('api')).map(([name, value]) => [name, value.reveal()]);
    expect(values).toEqual([
      ['DB_USER', 'shop'],
      ['DB_PASSWORD', 'p'],
      ['KEY', 'k'],
    ]);
    expect(store.batches).toEqual([['shop/db', 'KEY']]);
    expect(prepared.versions).toEqual({ api: { 'shop/db': 'v1', KEY: 'v1' } });
  });

  it('follows references, a batch a step, and records the versions of what they lead to', async () => {
    const store = new MemorySecretStore({
      URL: 'postgres://{{maestro:USER}}:{{maestro:PASSWORD}}@db',
      USER: 'shop',
      PASSWORD: 'old',
    });
    const services = [{ name: 'api', secrets: ['URL'] }];
    const { versions } = await prepareSecrets({ store, services });
    expect(store.batches).toEqual([['URL'], ['USER', 'PASSWORD']]);
    expect(versions).toEqual({ api: { URL: 'v1', USER: 'v1', PASSWORD: 'v1' } });

    store.set('PASSWORD', 'new');
    const url = async (pinned?: typeof versions) => {
      const prepared = await prepareSecrets({ store, services, versions: pinned });
      return prepared.forService('api').URL?.reveal();
    };
    expect(await url()).toBe('postgres://shop:new@db');
    expect(await url(versions)).toBe('postgres://shop:old@db');
  });

  it('gives the bytes of each secret for files', async () => {
    const store = new MemorySecretStore({ DB: 'p\u00e9', KEY: 'k' });
    const prepared = await prepareSecrets({ store, services });
    expect(prepared.bytesForService('api').DB?.reveal()).toEqual(Buffer.from('p\u00e9'));
    expect(() => prepared.bytesForService('wrong')).toThrow(
      expect.objectContaining({ code: 'SECRETS_UNKNOWN_SERVICE' }),
    );
  });

  it('gives a container text as text, and bytes as they are stored', async () => {
    const aws = new FakeSecretsManager();
    aws.set('DB', 'p\u00e9');
    aws.set('KEY', Uint8Array.from([0, 255]));
    const prepared = await prepareSecrets({ store: aws.store(), services });
    expect(prepared.forContainer('api').DB?.reveal()).toBe('p\u00e9');
    expect(prepared.forContainer('api').KEY?.reveal()).toEqual(Buffer.from([0, 255]));
  });

  it('refuses a service it was not asked about', async () => {
    const prepared = await prepareSecrets({ store: new MemorySecretStore({ DB: 'a', KEY: 'b' }), services });
    expect(() => prepared.forService('wrong')).toThrow(
      expect.objectContaining({ code: 'SECRETS_UNKNOWN_SERVICE', hint: 'prepared were: api, worker' }),
    );
  });
});

describe('when something is not there', () => {
  it('names all that is missing, who needs it and where it was looked for', async () => {
    const failed = prepareSecrets({ store: new MemorySecretStore({ DB: '' }), services });
    await expect(failed).rejects.toMatchObject({
      code: 'SECRETS_MISSING',
      message:
        '2 secrets are not available from memory: DB is empty (needed by api, worker); KEY is missing (needed by api)',
      hint: 'put these names into memory',
      details: {
        store: 'memory',
        failures: [
          { name: 'DB', reason: 'empty', services: ['api', 'worker'] },
          { name: 'KEY', reason: 'missing', services: ['api'] },
        ],
      },
      retryable: false,
    });
  });

  it.each([
    ['missing', 'unavailable', 'SECRETS_MISSING', false],
    ['version-gone', 'unavailable', 'SECRETS_VERSION_GONE', false],
    ['pending-deletion', 'denied', 'SECRETS_PENDING_DELETION', false],
    ['denied', 'unavailable', 'SECRETS_DENIED', false],
    ['undecryptable', 'unavailable', 'SECRETS_DENIED', false],
    ['unavailable', 'unavailable', 'SECRETS_UNAVAILABLE', true],
  ] as const)('%s and %s together are %s', async (one, other, code, retryable) => {
    const store = new MemorySecretStore({ DB: 'a', KEY: 'b' });
    store.fail('KEY', one);
    store.fail('DB', other);
    await expect(prepareSecrets({ store, services })).rejects.toMatchObject({ code, retryable });
  });

  it('names what a missing secret was referred to by', async () => {
    const store = new MemorySecretStore({ DB: '{{maestro:PASSWORD}}', KEY: '{"a":1}' });
    await expect(prepareSecrets({ store, services })).rejects.toMatchObject({
      code: 'SECRETS_MISSING',
      message: '1 secret is not available from memory: PASSWORD is missing (needed by api, worker; referred to by DB)',
    });
    const keys = [{ name: 'api', secrets: ['KEY#a', 'KEY#b', 'KEY#c'] }];
    await expect(prepareSecrets({ store, services: keys })).rejects.toMatchObject({
      code: 'SECRETS_MISSING',
      message:
        '2 secrets are not available from memory: KEY#b has no such key (needed by api); KEY#c has no such key (needed by api)',
    });
  });

  it('refuses references that lead back to themselves, and goes no deeper for them', async () => {
    const store = new MemorySecretStore({ DB: '{{maestro:KEY}}', KEY: '{{maestro:DB}}' });
    await expect(prepareSecrets({ store, services })).rejects.toMatchObject({
      code: 'SECRETS_BAD_REFERENCE',
      details: { chain: ['DB', 'KEY', 'DB'] },
    });
    expect(store.batches).toEqual([['DB', 'KEY']]);
  });

  it('refuses a rollback to a version that is gone, and says so', async () => {
    const store = new MemorySecretStore({ DB: 'a', KEY: 'b' });
    const versions = { api: { DB: 'v7' } };
    await expect(prepareSecrets({ store, services, versions })).rejects.toMatchObject({
      code: 'SECRETS_VERSION_GONE',
      message: '1 secret is not available from memory: DB no longer has the version asked for (needed by api)',
    });
  });

  it('does not trust a store that gives another version, or no answer at all', async () => {
    const memory = new MemorySecretStore({ DB: 'a', KEY: 'b' });
    const careless: SecretStore = { name: 'careless', fetch: () => memory.fetch(['DB']) };
    const versions = { worker: { DB: 'v7' } };
    await expect(prepareSecrets({ store: careless, services, versions })).rejects.toMatchObject({
      details: {
        failures: [
          { name: 'KEY', reason: 'missing' },
          { name: 'DB', reason: 'version-gone' },
        ],
      },
    });
  });
});

describe('waiting', () => {
  const silent: SecretStore = { name: 'silent', fetch: () => new Promise(() => undefined) };

  it('ends at the deadline', async () => {
    const clock = new ManualClock();
    const failed = expect(prepareSecrets({ store: silent, services, clock, deadlineMs: 500 })).rejects.toMatchObject({
      code: 'SECRETS_UNAVAILABLE',
      message: 'silent did not answer within 500 ms; asked for DB, KEY',
      retryable: true,
    });
    await clock.advance(500);
    await failed;
  });

  it('ends with the reason of a signal', async () => {
    const stop = new AbortController();
    const failed = prepareSecrets({ store: silent, services, clock: new ManualClock(), signal: stop.signal });
    stop.abort(new Error('stopped by the operator'));
    await expect(failed).rejects.toThrow('stopped by the operator');
  });
});

it('shows no value in anything it returns, reports, logs or throws', async () => {
  const store = new MemorySecretStore({ DB: 'canary-db', KEY: 'canary-key' });
  const events: SecretsEvent[] = [];
  const logger = new RecordingLogger();
  const onEvent = (event: SecretsEvent) => {
    events.push(event);
    throw new Error('observer broke');
  };
  const prepared = await prepareSecrets({ store, services, onEvent, logger });
  store.fail('DB', 'denied');
  const error: unknown = await prepareSecrets({ store, services, onEvent, logger }).catch((error: unknown) => error);

  const seen = [prepared, prepared.forService('api'), events, logger.lines, error, reportError(error), store];
  const printed = [
    inspect(seen, { showHidden: true, depth: 9 }),
    format('%s %o %j', seen, seen, seen),
    Object.values(prepared.forService('api')).join(),
    JSON.stringify(seen),
  ].join();
  expect(printed).toContain('DB');
  expect(logger.lines).not.toHaveLength(0);
  expect(printed).not.toContain('canary');
});
