import { Redacted } from '@maestro/core';
import { describeWith } from '@maestro/services/vitest';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { awsStore } from '../../src/aws.ts';
import { alternatingUsers, rotateByService, rotateSecret } from '../../src/index.ts';
import { MemoryLoginDatabase } from '../../src/testing.ts';
import { rotationPoints, stoppingAt } from './rotation-points.ts';

const name = 'database';

describeWith('a rotation on moto', ['aws'], (parts) => {
  beforeEach(() => {
    const { accessKeyId, secretAccessKey, sessionToken } = parts().aws.credentials;
    vi.stubEnv('AWS_ACCESS_KEY_ID', accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', secretAccessKey);
    vi.stubEnv('AWS_SESSION_TOKEN', sessionToken);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  const scenario = async () => {
    const { endpoint, region } = parts().aws;
    const store = awsStore({ regions: [region], prefix: `${crypto.randomUUID()}/`, endpoint });
    const value = new Redacted(JSON.stringify({ username: 'api', password: 'first-password' }));
    const { version: first } = await store.create(name, value);
    const database = new MemoryLoginDatabase({ api: 'first-password', api_clone: 'never-given-out' });
    const strategy = alternatingUsers({ database });
    // By stage: what moto gives where none is named does not follow its labels.
    const isUsable = async (stage: 'current' | 'previous') => {
      const { found } = await store.fetch([name], { pins: new Map([[name, { stage }]]) });
      const login = JSON.parse(found.get(name)?.value.reveal() ?? '{}') as { username: string; password: string };
      return database.accepts(login.username, login.password);
    };
    return { store, first, strategy, isUsable };
  };

  it.each(rotationPoints)('stopped %s is finished by the next call', async (point) => {
    const { store, first, strategy, isUsable } = await scenario();
    await using _store = store;
    const token = crypto.randomUUID();
    const stop = () => Promise.reject(new Error('stopped'));
    const stopped = rotateSecret({ ...stoppingAt(point, { store, strategy }, stop), name, token });
    await expect(stopped).rejects.toThrow('stopped');
    expect(await isUsable('current')).toBe(true);
    await rotateSecret({ store, strategy, name, token });
    expect((await store.describe(name))?.stages).toMatchObject({ current: token, previous: first });
    expect([await isUsable('current'), await isUsable('previous')]).toEqual([true, true]);
  });

  it('takes turns, over what is still called pending', async () => {
    const { store, strategy, isUsable } = await scenario();
    await using _store = store;
    for (let times = 0; times < 3; times += 1) {
      expect(await rotateSecret({ store, strategy, name })).toMatchObject({ outcome: 'rotated' });
      expect([await isUsable('current'), await isUsable('previous')]).toEqual([true, true]);
    }
  });

  /** Which moto does without a Lambda and at once, with a version that has no value. */
  it("waits for the service's own rotation", async () => {
    const { store } = await scenario();
    await using _store = store;
    const { version } = await rotateByService({ store, name });
    expect((await store.describe(name))?.stages.current).toBe(version);
  });
});
