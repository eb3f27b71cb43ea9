import { isMaestroError, Redacted, reportError } from '@maestro/core';
import { ManualClock, RecordingLogger } from '@maestro/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { type ManagedSecretStore, rotateSecret, type RotateSecretOptions, type RotationStrategy } from '../index.ts';
import { FakeSecretsManager, MemoryLoginDatabase, MemorySecretStore } from '../testing.ts';
import { alternatingUsers } from './alternating-users.ts';

const name = 'database';
const interleavings = process.env.MAESTRO_NIGHTLY === 'true' ? 10_000 : 300;
const valueOf = (username: string, password: string) => JSON.stringify({ username, password, host: 'db.internal' });

function scenario(create: (value: string) => ManagedSecretStore = (value) => new MemorySecretStore({ [name]: value })) {
  const store = create(valueOf('api', 'first-password'));
  const database = new MemoryLoginDatabase({ api: 'first-password', api_clone: 'never-given-out' });
  const strategy = alternatingUsers({ database });
  const clock = new ManualClock();
  const rotate = (options: Partial<RotateSecretOptions> = {}) =>
    rotateSecret({ store, name, strategy, clock, ...options });
  const login = async (stage: 'current' | 'previous' = 'current') => {
    const { found } = await store.fetch([name], { pins: new Map([[name, { stage }]]) });
    return JSON.parse(found.get(name)?.value.reveal() ?? '{}') as { username: string; password: string; host: string };
  };
  /** Whether what readers get can be logged in with. */
  const isUsable = async (stage: 'current' | 'previous' = 'current') => {
    const { username, password } = await login(stage);
    return database.accepts(username, password);
  };
  return { store, database, strategy, clock, rotate, login, isUsable };
}

const stores = {
  memory: (value: string) => new MemorySecretStore({ [name]: value }),
  fake: (value: string) => {
    const fake = new FakeSecretsManager();
    fake.set(name, value);
    return fake.store();
  },
};

/** Does as it is told until one of the four effects, and throws before or after that one. */
function stoppedAt(point: string, { store, strategy }: { store: ManagedSecretStore; strategy: RotationStrategy }) {
  const at = async <T>(effect: string, work: () => Promise<T>): Promise<T> => {
    if (point === `before ${effect}`) throw new Error('killed');
    const result = await work();
    if (point === `after ${effect}`) throw new Error('killed');
    return result;
  };
  const stoppedStore: ManagedSecretStore = {
    name: store.name,
    fetch: store.fetch.bind(store),
    list: store.list.bind(store),
    describe: store.describe.bind(store),
    create: store.create.bind(store),
    put: (...call) => at('create', () => store.put(...call)),
    moveStage: (...call) => at('finish', () => store.moveStage(...call)),
    restore: store.restore.bind(store),
  };
  const stoppedStrategy: RotationStrategy = {
    ...strategy,
    set: (...call) => at('set', () => strategy.set(...call)),
    test: (...call) => at('test', () => strategy.test(...call)),
  };
  return { store: stoppedStore, strategy: stoppedStrategy };
}

const points = ['create', 'set', 'test', 'finish'].flatMap((effect) => [`before ${effect}`, `after ${effect}`]);

describe.each(Object.entries(stores))('on the store %s', (_, create) => {
  it('gives readers a login that works, and leaves the one before it working', async () => {
    const { store, rotate, login, isUsable } = scenario(create);
    const before = (await store.describe(name))?.stages.current;
    const events: unknown[] = [];
    const { version, previous, outcome } = await rotate({ onEvent: (event) => events.push(event) });
    expect(await login()).toMatchObject({ username: 'api_clone', host: 'db.internal' });
    expect([await isUsable(), await isUsable('previous')]).toEqual([true, true]);
    expect((await store.describe(name))?.stages).toMatchObject({ current: version, previous });
    expect([previous, outcome]).toEqual([before, 'rotated']);
    expect(events).toMatchObject([
      { type: 'rotation-created', name, from: before, to: version },
      { type: 'rotation-set', name, to: version },
      { type: 'rotation-tested', name, to: version },
      { type: 'rotation-finished', name, from: before, to: version },
    ]);
    expect(JSON.stringify(events)).not.toContain((await login()).password);
  });

  it('takes turns', async () => {
    const { rotate, login, isUsable } = scenario(create);
    const users: string[] = [];
    for (let times = 0; times < 4; times += 1) {
      await rotate();
      users.push((await login()).username);
      expect([await isUsable(), await isUsable('previous')]).toEqual([true, true]);
    }
    expect(users).toEqual(['api_clone', 'api', 'api_clone', 'api']);
  });

  it.each(points)('killed %s, and repeated with its token, has rotated once', async (point) => {
    const subject = scenario(create);
    const { store, rotate, login, isUsable } = subject;
    const token = crypto.randomUUID();
    await expect(rotate({ token, ...stoppedAt(point, subject) })).rejects.toThrow('killed');
    expect([await isUsable(), (await store.describe(name))?.stages.current === token]).toEqual([
      true,
      point === 'after finish',
    ]);
    const { version } = await rotate({ token });
    expect(version).toBe(token);
    expect((await store.describe(name))?.stages.current).toBe(token);
    expect((await login()).username).toBe('api_clone');
    expect([await isUsable(), await isUsable('previous')]).toEqual([true, true]);
    expect((await rotate({ token })).outcome).toBe('unchanged');
  });

  it.each(points.slice(1, -1))('killed %s, is finished by whoever rotates next', async (point) => {
    const subject = scenario(create);
    await expect(subject.rotate(stoppedAt(point, subject))).rejects.toThrow('killed');
    const pending = (await subject.store.describe(name))?.stages.pending;
    expect(await subject.rotate()).toMatchObject({ version: pending, outcome: 'resumed' });
    expect(await subject.isUsable()).toBe(true);
  });

  it('ends well for each of eight that rotate at once, and rotates once', async () => {
    const { store, rotate, login, isUsable } = scenario(create);
    const ended = await Promise.all(Array.from({ length: 8 }, () => rotate()));
    const current = (await store.describe(name))?.stages.current;
    expect(new Set(ended.map(({ version }) => version))).toEqual(new Set([current]));
    expect((await login()).username).toBe('api_clone');
    expect([await isUsable(), await isUsable('previous')]).toEqual([true, true]);
  });
});

describe('however two rotations get in each other’s way', () => {
  type Scheduler = fc.Scheduler;
  const slowed = (scheduler: Scheduler, { store, database, isUsable }: ReturnType<typeof scenario>) => {
    const late = <Call extends readonly unknown[], T>(label: string, work: (...call: Call) => Promise<T>) => {
      return async (...call: Call): Promise<T> => {
        await scheduler.schedule(Promise.resolve(), label);
        const result = await work(...call);
        if (!(await isUsable())) throw new Error(`nobody can log in with what is current after: ${label}`);
        await scheduler.schedule(Promise.resolve(), `${label} answers`);
        return result;
      };
    };
    const slowStore: ManagedSecretStore = {
      name: store.name,
      fetch: late('fetch', store.fetch.bind(store)),
      list: store.list.bind(store),
      describe: late('describe', store.describe.bind(store)),
      create: store.create.bind(store),
      put: late('put', store.put.bind(store)),
      moveStage: late('move', store.moveStage.bind(store)),
      restore: store.restore.bind(store),
    };
    const slowDatabase = {
      name: database.name,
      changePassword: late('change', database.changePassword.bind(database)),
      logIn: late('log in', database.logIn.bind(database)),
    };
    return { store: slowStore, strategy: alternatingUsers({ database: slowDatabase }) };
  };

  it('readers always get a login that works, and each rotation ends well or with a conflict', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 2, max: 3 }), async (scheduler, count) => {
        const subject = scenario();
        const rotations = Array.from({ length: count }, async () => {
          try {
            return (await subject.rotate(slowed(scheduler, subject))).outcome;
          } catch (error) {
            return isMaestroError(error) ? error.code : String(error);
          }
        });
        for (const outcome of await scheduler.waitFor(Promise.all(rotations))) {
          expect(['rotated', 'resumed', 'unchanged', 'SECRETS_CONFLICT']).toContain(outcome);
        }
        expect((await subject.login()).username).toBe('api_clone');
        expect([await subject.isUsable(), await subject.isUsable('previous')]).toEqual([true, true]);
      }),
      { numRuns: interleavings },
    );
  });

  it('one that stood still while others rotated three times undoes nothing', async () => {
    const subject = scenario();
    const { strategy, rotate, isUsable, login } = subject;
    let goOn: () => void = () => undefined;
    const stopped = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const standing: RotationStrategy = {
      ...strategy,
      async set(...call) {
        await stopped;
        await strategy.set(...call);
      },
    };
    const stale = rotate({ strategy: standing });
    await new Promise((resolve) => setImmediate(resolve));
    for (let times = 0; times < 3; times += 1) await rotate();
    expect((await login()).username).toBe('api_clone');
    goOn();
    await expect(stale).rejects.toMatchObject({ code: 'SECRETS_CONFLICT' });
    expect(await isUsable()).toBe(true);
  });
});

describe('a login that is in use', () => {
  it('keeps its password until the slot that has it is stopped', async () => {
    const { store, rotate, isUsable, login } = scenario();
    const { previous = '' } = await rotate({ versionsInUse: [(await store.describe(name))?.stages.current ?? ''] });
    const refused = rotate({ versionsInUse: [previous] });
    await expect(refused).rejects.toMatchObject({
      code: 'SECRETS_IN_USE',
      details: { login: 'api', version: previous },
    });
    expect(await isUsable('previous')).toBe(true);
    await rotate();
    expect((await login()).username).toBe('api');
  });

  it('is not changed where the store no longer knows who it is', async () => {
    const { rotate } = scenario();
    await expect(rotate({ versionsInUse: ['gone'] })).rejects.toMatchObject({ code: 'SECRETS_VERSION_GONE' });
  });
});

describe('what is pending', () => {
  it('is replaced when somebody has changed the secret since, and that is logged', async () => {
    const { store, rotate, login, isUsable, strategy } = scenario();
    const failing = { ...strategy, set: () => Promise.reject(new Error('killed')) };
    await expect(rotate({ strategy: failing })).rejects.toThrow('killed');
    const stale = (await store.describe(name))?.stages.pending;
    await store.put(name, new Redacted(valueOf('api_clone', 'never-given-out')));
    const logger = new RecordingLogger();
    const { version } = await rotate({ logger });
    expect(version).not.toBe(stale);
    expect((await login()).username).toBe('api');
    expect(await isUsable()).toBe(true);
    expect(logger.lines).toMatchObject([{ level: 'warn', fields: { version: stale } }]);
  });

  it('is replaced when it is no login at all', async () => {
    const { store, rotate, isUsable } = scenario();
    await store.put(name, new Redacted('canary, no JSON'), { stage: 'pending' });
    expect((await rotate()).outcome).toBe('rotated');
    expect(await isUsable()).toBe(true);
  });

  it('is not made current when nobody can log in with it', async () => {
    const { store, strategy, rotate, login } = scenario();
    const ineffective = { ...strategy, set: () => Promise.resolve() };
    await expect(rotate({ strategy: ineffective })).rejects.toMatchObject({ code: 'SECRETS_LOGIN_REFUSED' });
    expect((await login()).username).toBe('api');
    expect((await store.describe(name))?.stages.pending).toBeDefined();
    expect((await rotate()).outcome).toBe('resumed');
  });
});

describe('refuses', () => {
  it.each([
    ['no JSON', 'canary'],
    ['no object', '["canary"]'],
    ['no password', '{"username":"canary"}'],
    ['a name that is not text', '{"username":1,"password":"canary"}'],
    ['a NUL', '{"username":"a\\u0000","password":"canary"}'],
  ])('a secret with %s, and tells nothing of it', async (_, value) => {
    const { strategy, clock } = scenario();
    const store = new MemorySecretStore({ [name]: value });
    const error: unknown = await rotateSecret({ store, name, strategy, clock }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'SECRETS_INVALID' });
    expect(JSON.stringify(reportError(error))).not.toContain('canary');
    expect((await store.describe(name))?.stages.pending).toBeUndefined();
  });

  it('a secret that is not there', async () => {
    const { rotate } = scenario();
    await expect(rotate({ name: 'nothing' })).rejects.toMatchObject({ code: 'SECRETS_MISSING' });
  });

  it('a token that made another value', async () => {
    const { store, rotate } = scenario();
    const { version } = await store.put(name, new Redacted('something else'), { stage: 'pending' });
    await expect(rotate({ token: version })).rejects.toMatchObject({ code: 'SECRETS_INVALID' });
  });
});

it('ends at its deadline, and when it is told to', async () => {
  const { strategy, rotate, clock } = scenario();
  const hanging = { ...strategy, set: () => new Promise<never>(() => undefined) };
  const late = expect(rotate({ strategy: hanging, deadlineMs: 1000 })).rejects.toMatchObject({
    code: 'SECRETS_UNAVAILABLE',
    retryable: true,
  });
  await clock.advance(1000);
  await late;
  const stop = new AbortController();
  const stopped = expect(rotate({ strategy: hanging, signal: stop.signal })).rejects.toThrow('enough');
  stop.abort(new Error('enough'));
  await stopped;
});
