import { join } from 'node:path';

import { ensureBaseImage } from '@maestro/base-images';
import { isMaestroError } from '@maestro/core';
import { recordFaults } from '@maestro/services/faults';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openContainers } from '../../src/adapters/docker/open-containers.ts';
import type { Slot } from '../../src/slots.ts';
import { containerSpec, imageMs } from './docker-environment.ts';
import { until } from './environment.ts';
import { isOwnEnginePossible, OwnEngine } from './own-engine.ts';

const command = ['/bin/sh', '-c', "trap 'exit 0' TERM; sleep 1000000 & wait"];

describe.skipIf(!isOwnEnginePossible)('an engine that starts anew', () => {
  let engine: OwnEngine;
  let stateFolder = '';
  let image = '';
  const open = () =>
    openContainers({
      engine: engine.address,
      project: 'shop',
      environment: 'test',
      stateFolder,
      fetchImage: () => Promise.resolve(image),
      generation: () => Promise.resolve(null),
    });

  const answers = () =>
    open()
      .runtime.observe()
      .then(
        () => true,
        (error: unknown) => {
          if (isMaestroError(error, 'BLUEGREEN_ENGINE_UNREACHABLE')) return false;
          throw error;
        },
      );

  beforeAll(async () => {
    engine = await OwnEngine.start();
    stateFolder = join(engine.folder, 'state');
    await until(answers, 60_000);
    image = (await ensureBaseImage({ engine: engine.engine, name: 'node' })).reference;
  }, imageMs);
  afterAll(async () => {
    await open().remove();
    await engine.remove();
  }, 120_000);

  const stateOf = async (service: string, slot: Slot) => {
    const found = (await open().runtime.observe()).find((one) => one.service === service && one.slot === slot);
    return found && { state: found.state, addresses: found.addresses };
  };

  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'has what was to run running again, at its addresses, and what was stopped still stopped, after %s',
    { timeout: 240_000 },
    async (signal) => {
      const { runtime } = open();
      const start = async (service: string, slot: Slot, replicas = 1) =>
        (await runtime.start(containerSpec({ service, slot }, { command, replicas }))).addresses;
      const live = await start('api', 'blue', 2);
      await runtime.keepRunning({ service: 'api', slot: 'blue' });
      await start('api', 'green');
      await runtime.keepRunning({ service: 'api', slot: 'green' });
      await runtime.stop({ service: 'api', slot: 'green', timeoutMs: 5_000 });
      const probed = await start('web', 'blue');

      await engine.end(signal);
      await engine.start();
      await until(answers, 60_000);
      await until(async () => (await stateOf('api', 'blue'))?.state === 'running', 60_000);
      expect(await stateOf('api', 'blue')).toEqual({ state: 'running', addresses: live });
      expect((await stateOf('api', 'green'))?.state).toBe('stopped');
      // Nobody had said yet that it is any good.
      expect((await stateOf('web', 'blue'))?.state).toBe('crashed');
      expect(await start('web', 'blue')).toEqual(probed);
      recordFaults({
        promised: 'what is live is never stopped',
        fault: `Docker Engine ended by ${signal} and started again`,
        times: 1,
        checked: { containers: 4 },
        wrong: { 'containers that are not as they were to be': 0 },
      });
    },
  );
});
