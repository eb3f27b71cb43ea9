import { systemClock } from '@maestro/core';
import { describeWith } from '@maestro/services/vitest';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import { nginxLayout } from '../../src/adapters/nginx/nginx-layout.ts';
import type { NginxProgram } from '../../src/adapters/nginx/nginx-program.ts';
import { containerNginx } from '../../src/nginx.ts';
import { routerContract } from '../../src/testing.ts';
import { beginAt, slotFrom } from './contract-requests.ts';
import { askEngine, imageMs, inspect } from './docker-environment.ts';
import { ask, kill, until } from './environment.ts';
import { underLoad } from './load.ts';
import { NginxEnvironment, topologyOf } from './nginx-environment.ts';
import { buildNginxImage } from './nginx-image.ts';

describeWith('nginx in a container as the router', ['docker', 'nginx'], (parts) => {
  let images: readonly string[] = [];
  let environments = 0;
  beforeAll(async () => {
    const { docker, nginx } = parts();
    images = [await buildNginxImage(docker, nginx.program), await buildNginxImage(docker, nginx.program, 'two')];
  }, imageMs);

  /** How nginx is run from one of the images; containers of it carry the suite's name. */
  function programOf(folder: string, environment: string, image = 0): NginxProgram {
    const { docker } = parts();
    const options = { project: docker.suite, environment, image: images[image] ?? '', engine: docker.address };
    return containerNginx(options)({ layout: nginxLayout(folder), clock: systemClock });
  }

  async function open() {
    environments += 1;
    const name = `test${environments}`;
    const environment = await NginxEnvironment.open({ program: (folder) => programOf(folder, name) });
    const container = `${parts().docker.suite}-${name}-proxy`;
    return {
      environment,
      name,
      container,
      end: async () => {
        await environment[Symbol.asyncDispose]();
        await askEngine(parts().docker, 'DELETE', `/containers/${container}?force=true`);
      },
    };
  }

  async function openForTest() {
    const opened = await open();
    onTestFinished(opened.end);
    return opened;
  }

  describe('keeps to the contract, and', () => {
    const contract = routerContract(async () => {
      const { environment, end } = await open();
      return {
        router: environment.nginx.router,
        ask: async (url, headers) => slotFrom(await ask(url, { headers: headers ?? {} })),
        begin: (url) => Promise.resolve(beginAt(url)),
        [Symbol.asyncDispose]: end,
      };
    });
    for (const { name, run } of contract) it(name, { timeout: 60_000 }, run);
  });

  it('starts again by itself when it is killed, after changes of its topology too', { timeout: 60_000 }, async () => {
    const { environment } = await openForTest();
    const { router } = environment.nginx;
    await router.apply(topologyOf('web'));
    const { url } = await router.apply(topologyOf('web', 'api'));
    await environment.switchTo({ web: 'green', api: 'blue' });
    const master = (await environment.program.master()) ?? 0;
    kill(master);
    await until(async () => {
      const now = await environment.program.master();
      return now !== null && now !== master && (await router.addresses()) !== null;
    }, 30_000);
    expect([(await ask(url)).body, (await ask(`${url}/api`)).body]).toEqual(['green', 'blue']);
    expect(await router.reloadsFor(topologyOf('web', 'api'))).toBe(false);
  });

  it('can do no more than a proxy must', { timeout: 60_000 }, async () => {
    const { environment, container } = await openForTest();
    await environment.nginx.router.apply(topologyOf('web'));
    expect(await inspect(parts().docker, container)).toMatchObject({
      HostConfig: {
        NetworkMode: 'host',
        RestartPolicy: { Name: 'always' },
        ReadonlyRootfs: true,
        CapDrop: ['ALL'],
        Binds: [`${environment.folder}:${environment.folder}`],
        Privileged: false,
      },
    });
  });

  it('hands over to another image without losing a request', { timeout: 120_000 }, async () => {
    const { environment, name, container } = await openForTest();
    const { url } = await environment.nginx.router.apply(topologyOf('web'));
    await environment.switchTo({ web: 'blue' });
    const { answered, failures } = await underLoad({ url, clients: 8 }, async () => {
      for (const image of [1, 0, 1]) {
        const { nginx } = environment.with(programOf(environment.folder, name, image));
        await nginx.replaceProxy();
        expect(await inspect(parts().docker, container)).toMatchObject({ Config: { Image: images[image] } });
      }
    });
    expect(failures).toEqual([]);
    expect(answered).toBeGreaterThan(8);
  });

  it('says why it does not start', { timeout: 60_000 }, async () => {
    const broken = await NginxEnvironment.open({
      program: (folder) => {
        const { docker } = parts();
        const options = {
          project: docker.suite,
          environment: 'broken',
          image: 'no-such-image:1',
          engine: docker.address,
        };
        return containerNginx(options)({ layout: nginxLayout(folder), clock: systemClock });
      },
    });
    onTestFinished(() => broken[Symbol.asyncDispose]());
    await expect(broken.nginx.router.apply(topologyOf('web'))).rejects.toMatchObject({
      code: 'BLUEGREEN_PROXY_FAILED',
      message: expect.stringMatching(/no such image/i) as string,
    });
  });
});
