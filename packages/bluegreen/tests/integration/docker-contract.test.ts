import { beforeAll, it } from 'vitest';

import { describeWith } from '@maestro/services/vitest';

import type { InstanceKey } from '../../src/ports/runtime.ts';
import { runtimeContract } from '../../src/testing.ts';
import { buildServiceImage, DockerEnvironment, imageMs, serviceCommand } from './docker-environment.ts';
import { ask, until } from './environment.ts';

describeWith('the Docker runtime', ['docker'], (parts) => {
  let image = '';
  beforeAll(async () => {
    image = await buildServiceImage(parts().docker);
  }, imageMs);

  const contract = runtimeContract(async () => {
    const { docker } = parts();
    const environment = await DockerEnvironment.open(docker, image, {
      mountSecrets: ({ service, slot }) =>
        Promise.resolve({
          volume: `${docker.suite}-${service}-${slot ?? 'job'}`,
          target: '/run/secrets',
          fileVariables: {},
        }),
    });
    const reach = async (key: InstanceKey, path: string) => {
      const url = await environment.url(key);
      await until(() =>
        ask(`${url}/health`).then(
          () => true,
          () => false,
        ),
      );
      // It may be gone before it answers.
      await ask(url + path).catch(() => undefined);
    };
    return {
      runtime: environment.containers.runtime,
      command: serviceCommand,
      brokenCommand: ['/no/such/program'],
      makeLive: (key) => environment.makeLive(key),
      crash: (key) => reach(key, '/exit?code=3'),
      print: (key, line) => reach(key, `/print?line=${line}`),
      [Symbol.asyncDispose]: () => environment[Symbol.asyncDispose](),
    };
  });
  for (const { name, run } of contract) it(name, { timeout: 60_000 }, run);
});
