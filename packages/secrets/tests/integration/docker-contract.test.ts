import { systemClock } from '@maestro/core';
import { describeWith } from '@maestro/services/vitest';
import { beforeAll, it } from 'vitest';

import { Keeper } from '../../src/adapters/docker/keeper.ts';
import { openContainerSecrets, type SecretsMount } from '../../src/docker.ts';
import { containerSecretsContract, type ContainerSecretsSubject } from '../../src/testing.ts';
import { appImageMs, DockerApps } from './docker-apps.ts';

describeWith('a Docker Engine keeps the contract of secrets in its memory', ['docker'], (parts) => {
  let apps: DockerApps;
  beforeAll(async () => {
    apps = new DockerApps(parts().docker);
    await apps.build();
  }, appImageMs);

  const keeperOf = ({ volume }: SecretsMount) => new Keeper({ client: apps.client, volume, clock: systemClock });
  const { signal } = new AbortController();
  let containers = 0;

  const create = (): Promise<ContainerSecretsSubject> =>
    Promise.resolve({
      open: (environment, onEvent) =>
        openContainerSecrets({ engine: parts().docker.address, project: parts().docker.suite, environment, onEvent }),
      read: async (mount) => (await keeperOf(mount).read(signal))?.files ?? new Map(),
      occupy: async (mount) => {
        const container = await apps.start({ name: `user-${(containers += 1)}`, command: ['sleep', '1000'], mount });
        return { container, [Symbol.asyncDispose]: () => apps.remove(container) };
      },
      // Memory that nothing has mounted is given back.
      empty: (mount) => keeperOf(mount).remove(signal),
    });
  for (const { name, run } of containerSecretsContract(create)) it(name, run, 60_000);
});
