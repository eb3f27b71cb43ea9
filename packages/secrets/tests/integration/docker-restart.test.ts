import { isMaestroError, poll, Redacted, systemClock } from '@maestro/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openContainerSecrets } from '../../src/docker.ts';
import { appImageMs, DockerApps, owner } from './docker-apps.ts';
import { isOwnEnginePossible, OwnEngine } from './own-engine.ts';

describe.skipIf(!isOwnEnginePossible)('secrets in an engine that starts anew', () => {
  let engine: OwnEngine;
  beforeAll(async () => {
    engine = await OwnEngine.start();
    await untilListed(undefined);
  }, appImageMs);
  afterAll(async () => {
    await engine.end('SIGTERM');
    engine.removeCgroups();
  });

  const secrets = { TOKEN: new Redacted('one') };
  const place = { service: 'api', slot: 'blue' };
  const open = () => openContainerSecrets({ engine: engine.address, project: 'shop', environment: 'test' });

  const untilListed = async (state: string | undefined) => {
    const { accepted, value } = await poll({
      probe: () =>
        open()
          .list()
          .catch((error: unknown) => {
            if (isMaestroError(error, 'SECRETS_ENGINE_UNREACHABLE')) return undefined;
            throw error;
          }),
      accept: (listed) => listed !== undefined && listed[0]?.state === state,
      intervalMs: 200,
      deadlineMs: 60_000,
      clock: systemClock,
    });
    expect(accepted, JSON.stringify(value)).toBe(true);
  };

  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'are missed, with a keeper that is back by itself, and filled again after %s',
    { timeout: 180_000 },
    async (signal) => {
      await open().inject({ ...place, owner, secrets });
      await engine.end(signal);
      engine.start();
      await untilListed('empty');
      expect(await open().verify({ ...place, secrets })).toEqual({ state: 'empty', names: ['TOKEN'] });
      await open().reinject({ secretsFor: () => Promise.resolve(secrets) });
      expect(await open().verify({ ...place, secrets })).toEqual({ state: 'current' });
    },
  );

  it(
    'are waited for by a service that comes up after the power was lost, and it goes on as soon as they are there',
    { timeout: appImageMs },
    async () => {
      const apps = new DockerApps(engine);
      await apps.build();
      const mount = await open().inject({ ...place, owner, secrets });
      const command = ['sh', '-c', 'echo "started with $TOKEN"; exec sleep 1000'];
      const app = await apps.start({ name: 'app', command, mount, restart: 'always' });
      await apps.untilPrinted(app, 'started with one', 1);

      await engine.losePower();
      engine.start();
      await untilListed('empty');
      await apps.untilPrinted(app, 'waiting for the secrets');
      await apps.untilStatus(app, ({ Running }) => Running === true);
      expect((await apps.printed(app)).split('started with')).toHaveLength(2);

      const after = { TOKEN: new Redacted('two') };
      const filled = await open().reinject({ secretsFor: () => Promise.resolve(after) });
      expect(filled).toMatchObject([place]);
      await apps.untilPrinted(app, 'started with two', 1);
      await apps.remove(app);
    },
  );

  it('leaves nothing when they are removed', async () => {
    await open().remove(place);
    expect(await open().list()).toEqual([]);
  });
});
