import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { BlueGreen } from '@maestro/bluegreen';
import { silentLogger, systemClock } from '@maestro/core';
import { MemorySecretStore } from '@maestro/secrets/testing';
import { expect, it } from 'vitest';

import { definitionSchema } from './release-definition.ts';
import { ReleaseDefinitions } from './release-definitions.ts';
import { releasedSecrets } from './released-secrets.ts';
import { versionsInUse } from './versions-in-use.ts';

/** Two instances of a service with one secret: the blue one was started with `v1` and runs, the green one is stopped. */
async function scenario() {
  const store = new MemorySecretStore({ TOKEN: 'old' });
  store.set('TOKEN', 'new');
  const definitions = new ReleaseDefinitions(await mkdtemp(join(tmpdir(), 'maestro-released-')));
  const service = (version: string) => ({
    ...{ name: 'api', repository: 'shop-api', image: 'shop-api:1', digest: 'sha256:1', revision: '1', configHash: '1' },
    ...{ command: [], environment: {}, secrets: ['TOKEN'], secretVersions: { TOKEN: version }, database: null },
    ...{ route: null, health: { kind: 'tcp', timeoutMs: 1, intervalMs: 1, deadlineMs: 1 }, dependsOn: [] },
    ...{ drainTimeoutMs: 1, stopTimeoutMs: 1 },
  });
  for (const [id, version] of Object.entries({ first: 'v1', second: 'v2' })) {
    const definition = {
      ...{ id, kind: 'deploy', environment: 'demo', at: '2026-01-15T12:00:00.000Z', by: 'ada', planHash: '1' },
      ...{ previous: null, restores: null, services: [service(version)], unwanted: [] },
    };
    await definitions.write(definitionSchema.parse(definition));
  }
  const instances = [
    { service: 'api', slot: 'blue', release: 'first', state: 'running' },
    { service: 'api', slot: 'green', release: 'second', state: 'stopped' },
  ];
  const blueGreen = () => ({ observe: () => Promise.resolve({ instances }) }) as unknown as BlueGreen;
  return { blueGreen, definitions, secrets: store, clock: systemClock, logger: silentLogger };
}

it('gives what runs somewhere the secrets of its release, and what is stopped none', async () => {
  const parts = await scenario();
  const released = await releasedSecrets(parts, undefined);
  const blue = await released({ service: 'api', slot: 'blue' });
  expect(blue.state === 'running' && blue.prepared?.forService('api').TOKEN?.reveal()).toBe('old');
  expect(await released({ service: 'api', slot: 'green' })).toEqual({ state: 'stopped' });
  expect(await released({ service: 'api', slot: null })).toEqual({ state: 'unknown' });
});

it('tells the versions that instances were started with which are not stopped', async () => {
  const parts = await scenario();
  expect(await versionsInUse(parts, 'TOKEN', undefined)).toEqual(['v1']);
  expect(await versionsInUse(parts, 'OTHER', undefined)).toEqual([]);
});
