import { Redacted } from '@maestro/core';
import { beforeAll, expect, it } from 'vitest';

import { describeWith } from '@maestro/services/vitest';

import {
  buildServiceImage,
  containerSpec,
  DockerEnvironment,
  imageMs,
  askEngine,
  inspect,
} from './docker-environment.ts';
import { ask, until, urlOf } from './environment.ts';

const blue = { service: 'api', slot: 'blue' } as const;
const green = { service: 'api', slot: 'green' } as const;
const timeout = 120_000;

async function answers(url: string): Promise<boolean> {
  return ask(`${url}/health`).then(
    ({ status }) => status === 200,
    () => false,
  );
}

describeWith('instances in containers', ['docker'], (parts) => {
  let image = '';
  beforeAll(async () => {
    image = await buildServiceImage(parts().docker);
  }, imageMs);
  const open = (options: Parameters<typeof DockerEnvironment.open>[2] = {}) =>
    DockerEnvironment.open(parts().docker, image, options);

  it('answer as replicas, each at an address of its own that stays when they are replaced', { timeout }, async () => {
    await using environment = await open();
    const { runtime, addresses } = environment.containers;
    const places = [0, 1].map((replica) => ({ ...blue, replica, port: 3000 }));
    const promised = await addresses.addressesOf(places);
    const first = await runtime.start(containerSpec(blue, { replicas: 2, port: 3000 }));
    expect(first.addresses).toEqual(promised);
    for (const address of first.addresses) await until(() => answers(urlOf({ addresses: [address] })));
    await runtime.stop({ ...blue, timeoutMs: 5_000 });
    const second = await runtime.start(containerSpec(blue, { replicas: 2, port: 3000, release: 'another' }));
    expect(second).toMatchObject({ release: 'another', addresses: promised, state: 'running' });
    for (const address of second.addresses) await until(() => answers(urlOf({ addresses: [address] })));
    expect((await runtime.logs({ ...blue, lines: 10 })).filter((line) => line === 'blue listens')).toHaveLength(2);
  });

  it('are started all or none, and leave alone what somebody else made', { timeout }, async () => {
    await using environment = await open();
    const { docker } = parts();
    const { runtime } = environment.containers;
    const foreign = `${environment.name('api', 'blue')}-1`;
    await askEngine(docker, 'POST', `/containers/create?name=${foreign}`, { Image: image, Labels: docker.labels });
    await expect(runtime.start(containerSpec(blue, { replicas: 3 }))).rejects.toMatchObject({
      code: 'BLUEGREEN_START_FAILED',
      details: { reason: 'name-taken', container: foreign },
      hint: expect.stringContaining(`rm --force ${foreign}`) as string,
    });
    expect(await runtime.observe()).toEqual([]);
    expect(await inspect(docker, foreign)).toMatchObject({ State: { Status: 'created' } });
    await askEngine(docker, 'DELETE', `/containers/${foreign}?force=true`);
    expect(await runtime.start(containerSpec(blue, { replicas: 3 }))).toMatchObject({ state: 'running' });
  });

  it('have what their settings say', { timeout }, async () => {
    await using environment = await open();
    const { docker } = parts();
    await environment.containers.runtime.start(
      containerSpec(blue, {
        container: {
          user: '1000:1000',
          cpus: 0.5,
          memoryBytes: 128 * 2 ** 20,
          processes: 50,
          mounts: [{ kind: 'memory', target: '/scratch', sizeBytes: 2 ** 20 }],
          networks: [docker.network.name],
          ulimits: { nofile: { soft: 1000, hard: 2000 } },
          readOnlyRoot: true,
          dropCapabilities: ['ALL'],
        },
      }),
    );
    const url = await environment.url(blue);
    await until(() => answers(url));
    expect(await inspect(docker, environment.name('api', 'blue'))).toMatchObject({
      Config: { User: '1000:1000' },
      HostConfig: {
        NanoCpus: 500_000_000,
        Memory: 128 * 2 ** 20,
        PidsLimit: 50,
        ReadonlyRootfs: true,
        CapDrop: ['ALL'],
      },
      NetworkSettings: { Networks: { [docker.network.name]: { Gateway: expect.stringMatching(/^\d/) as string } } },
    });
  });

  it('are found as somebody left them by hand, and mended by the next start', { timeout }, async () => {
    await using environment = await open();
    const { docker } = parts();
    const { runtime } = environment.containers;
    const name = environment.name('api', 'blue');
    const state = async () => (await runtime.observe()).map(({ state: found, exit }) => ({ state: found, exit }));
    await runtime.start(containerSpec(blue));
    await runtime.keepRunning(blue);
    await askEngine(docker, 'POST', `/containers/${name}/pause`);
    expect(await state()).toEqual([{ state: 'stopped', exit: 'paused by hand' }]);
    await askEngine(docker, 'POST', `/containers/${name}/unpause`);
    expect(await state()).toEqual([{ state: 'running', exit: null }]);
    await askEngine(docker, 'POST', `/containers/${name}/stop?t=5`);
    expect(await state()).toMatchObject([{ state: 'stopped' }]);
    await runtime.start(containerSpec(blue));
    expect(await state()).toEqual([{ state: 'running', exit: null }]);
    await askEngine(docker, 'DELETE', `/containers/${name}?force=true`);
    expect(await state()).toEqual([]);
    await runtime.start(containerSpec(blue, { replicas: 2 }));
    await askEngine(docker, 'DELETE', `/containers/${name}-1?force=true`);
    expect(await state()).toEqual([{ state: 'crashed', exit: 'replica 1: is gone' }]);
    await runtime.start(containerSpec(blue, { replicas: 2 }));
    expect(await state()).toEqual([{ state: 'running', exit: null }]);
  });

  it('are made from the image of their digest, whatever its tag has become', { timeout }, async () => {
    await using environment = await open({ fetchImage: undefined });
    const { docker } = parts();
    const { runtime } = environment.containers;
    const { Id: id } = JSON.parse(String((await askEngine(docker, 'GET', `/images/${image}/json`)).body)) as {
      readonly Id: string;
    };
    expect(await runtime.start(containerSpec(blue, { digest: id }))).toMatchObject({ state: 'running' });
    const digits = 'a1'.repeat(32);
    const kept = `${docker.suite}-api:maestro-keep-${digits}`;
    const [repo = '', tag = ''] = kept.split(':');
    await askEngine(docker, 'POST', `/images/${image}/tag?repo=${repo}&tag=${tag}`);
    const spec = containerSpec(green, { image: `${docker.suite}-api:production-abc1234`, digest: `sha256:${digits}` });
    await runtime.start(spec);
    expect(await inspect(docker, environment.name('api', 'green'))).toMatchObject({ Config: { Image: kept } });
  });

  it('are refused where their image is missing, and what was in the slot stays', { timeout }, async () => {
    await using environment = await open({ fetchImage: undefined });
    await using whole = await open({ environment: environment.environment, stateFolder: environment.folder });
    await whole.containers.runtime.start(containerSpec(blue));
    await whole.containers.runtime.stop({ ...blue, timeoutMs: 5_000 });
    const before = await whole.containers.runtime.observe();
    const digest = `sha256:${'0'.repeat(64)}`;
    await expect(environment.containers.runtime.start(containerSpec(blue, { digest }))).rejects.toMatchObject({
      code: 'BLUEGREEN_START_FAILED',
      details: { reason: 'image-missing' },
      hint: expect.stringContaining(`pull shop-api@${digest}`) as string,
    });
    expect(await whole.containers.runtime.observe()).toEqual(before);
  });

  it('say what they lack: a command, a folder, a network', { timeout }, async () => {
    await using environment = await open();
    const { runtime } = environment.containers;
    const refused = async (overrides: Parameters<typeof containerSpec>[1]) =>
      runtime.start(containerSpec(blue, overrides)).then(
        () => 'it started',
        (error: unknown) => (error as { readonly details?: { readonly reason?: string } }).details?.reason,
      );
    expect(await refused({ command: ['/no/such/program'] })).toBe('command');
    const folder = { kind: 'folder', folder: '/no/such/folder', target: '/x' } as const;
    expect(await refused({ container: { mounts: [folder] } })).toBe('not-found');
    expect(await refused({ container: { networks: ['no-such-network'] } })).toBe('not-found');
    expect(await refused({ container: { addCapabilities: ['NONE_SUCH'] } })).toBe('refused');
    expect(await runtime.observe()).toEqual([]);
  });

  it('get their secrets by a volume, and are refused without one', { timeout }, async () => {
    const { docker } = parts();
    const canary = 'canary-7d1f0b22c9';
    const secrets = { PASSWORD: new Redacted(canary) };
    await using without = await open();
    await expect(without.containers.runtime.start(containerSpec(blue, { secrets }))).rejects.toMatchObject({
      code: 'BLUEGREEN_START_FAILED',
      message: expect.stringContaining('PASSWORD') as string,
    });
    const volume = `${docker.suite}-secrets`;
    await using environment = await open({
      // Stands for what fills the volume: it is asked right before the container is made, with the values in its hands.
      mountSecrets: async ({ secrets: given }) => {
        const write = `echo 'export PASSWORD=${given.PASSWORD?.reveal() ?? ''}' > /run/secrets/env`;
        const body = {
          Image: image,
          Entrypoint: ['/bin/sh', '-c', write],
          Labels: docker.labels,
          HostConfig: { Mounts: [{ Type: 'volume', Source: volume, Target: '/run/secrets' }] },
        };
        const filler = `${docker.suite}-filler`;
        await askEngine(docker, 'POST', `/containers/create?name=${filler}`, body);
        await askEngine(docker, 'POST', `/containers/${filler}/start`);
        await askEngine(docker, 'POST', `/containers/${filler}/wait`);
        await askEngine(docker, 'DELETE', `/containers/${filler}`);
        return {
          volume,
          target: '/run/secrets',
          fileVariables: { PASSWORD_FILE: '/run/secrets/PASSWORD' },
          entrypoint: ['/bin/sh', '-c', '. /run/secrets/env; exec "$@"', 'sh'],
        };
      },
    });
    await environment.containers.runtime.start(containerSpec(blue, { secrets }));
    const url = await environment.url(blue);
    await until(() => answers(url));
    expect(JSON.parse((await ask(`${url}/environment`)).body)).toMatchObject({
      PASSWORD: canary,
      PASSWORD_FILE: '/run/secrets/PASSWORD',
    });
    expect(JSON.stringify(await inspect(docker, environment.name('api', 'blue')))).not.toContain(canary);
  });

  it('are asked by a command that is run in each replica', { timeout }, async () => {
    await using environment = await open();
    const { runtime, commandProbe } = environment.containers;
    const ask = (script: string, timeoutMs = 30_000) => {
      const { signal } = new AbortController();
      return commandProbe({ key: blue, command: ['/bin/sh', '-c', script], timeoutMs, signal });
    };
    expect(await ask('exit 0')).toMatchObject({ healthy: false, reason: 'broken' });
    await runtime.start(containerSpec(blue, { replicas: 2 }));
    expect(await ask('test "$VERSION" = blue')).toEqual({ healthy: true });
    expect(await ask('echo no disk; exit 4')).toMatchObject({
      healthy: false,
      reason: 'failed',
      detail: 'ended with 4: no disk',
    });
    expect(await ask('sleep 60', 1_000)).toMatchObject({ healthy: false, reason: 'timeout' });
    const { signal } = new AbortController();
    const missing = commandProbe({ key: blue, command: ['/no/such/program'], timeoutMs: 30_000, signal });
    expect(await missing).toMatchObject({ healthy: false, reason: 'failed' });
  });
});
