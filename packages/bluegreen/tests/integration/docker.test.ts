import { existsSync } from 'node:fs';
import { mkdtemp, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { beforeAll, expect, it, onTestFinished } from 'vitest';

import { describeWith } from '@maestro/services/vitest';

import { HostNginx } from '../../src/adapters/nginx/host-nginx.ts';
import { type DockerOptions, openDocker } from '../../src/docker.ts';
import { openBlueGreen } from '../../src/index.ts';
import type { Slot } from '../../src/slots.ts';
import { askEngine, buildServiceImage, containerSpec, imageMs } from './docker-environment.ts';
import { ask } from './environment.ts';

const check = { path: '/health', timeoutMs: 2_000, intervalMs: 50, deadlineMs: 60_000 };

describeWith('containers behind nginx', ['docker', 'nginx'], (parts) => {
  let image = '';
  beforeAll(async () => {
    image = await buildServiceImage(parts().docker);
  }, imageMs);

  it(
    'get a release each, by a switch that moves all of them, and are found by the next deployer',
    { timeout: 240_000 },
    async () => {
      const { docker, nginx } = parts();
      const stateFolder = await mkdtemp(join(tmpdir(), 'maestro-docker-'));
      const options: DockerOptions = {
        engine: docker.address,
        project: docker.suite,
        environment: 'production',
        stateFolder,
        fetchImage: () => Promise.resolve(image),
        nginx: {
          program: (place) => new HostNginx({ program: nginx.program, ...place }),
          goodbyeMs: 200,
          // The folder is in one that only its user may enter.
          ...(process.getuid?.() === 0 ? { workerUser: 'root' } : {}),
        },
      };
      const environment = await openDocker(options);
      onTestFinished(async () => {
        await environment.shutdown();
        await rm(stateFolder, { recursive: true });
      });
      const { runtime, router, traffic, commandProbe } = environment;
      const services = ['api', 'web'];
      const blueGreen = openBlueGreen({ runtime, router, traffic, commandProbe });
      const release = async (slot: Slot) => {
        for (const service of services) {
          await blueGreen.start(containerSpec({ service, slot }, { release: slot, replicas: 2 }));
          await blueGreen.probe({ service, slot, check, host: null });
        }
        const { generation } = await blueGreen.observe();
        const slots = Object.fromEntries(services.map((service) => [service, slot]));
        await blueGreen.switchTo({ release: slot, slots, expected: generation?.number ?? null });
      };
      const { url } = await blueGreen.reach({
        listen: { host: '127.0.0.1', port: 0 },
        services: services.map((name) => ({
          name,
          route: { host: null, path: name === 'api' ? '/' : '/web' },
          replicas: 2,
        })),
      });
      const answers = async () => [(await ask(url)).body, (await ask(`${url}/web`)).body];

      await release('blue');
      expect(await answers()).toEqual(['blue', 'blue']);
      await release('green');
      expect(await answers()).toEqual(['green', 'green']);
      await expect(blueGreen.stop({ service: 'api', slot: 'green', timeoutMs: 5_000 })).rejects.toMatchObject({
        code: 'BLUEGREEN_SLOT_LIVE',
      });
      await blueGreen.drain({ service: 'api', slot: 'blue', deadlineMs: 30_000 });
      await blueGreen.stop({ service: 'api', slot: 'blue', timeoutMs: 5_000 });
      expect(await answers()).toEqual(['green', 'green']);

      // What is live is what somebody else of the same environment may not stop either, and a container reaches it.
      const next = await openDocker(options);
      await next.ensureRunning();
      await expect(next.runtime.stop({ service: 'web', slot: 'green', timeoutMs: 5_000 })).rejects.toMatchObject({
        code: 'BLUEGREEN_SLOT_LIVE',
      });
      const reached = (await next.router.addresses())?.services.web ?? '';
      const script = `fetch('${reached}/').then((answer) => answer.text()).then(console.log)`;
      const job = { ...containerSpec({ service: 'api', slot: 'blue' }), job: 'ask', command: ['node', '-e', script] };
      expect(await next.jobs.run({ ...job, timeoutMs: 60_000 })).toMatchObject({ exitCode: 0, lines: ['green'] });

      expect(await readlink(join(stateFolder, 'live'))).toBe('generations/2');
      await next.shutdown();
      expect(await next.runtime.observe()).toEqual([]);
      expect(await next.router.addresses()).toBeNull();
      expect((await askEngine(docker, 'GET', `/networks/${docker.suite}-production`)).status).toBe(404);
      expect(existsSync(join(stateFolder, 'live'))).toBe(true);
    },
  );
});
