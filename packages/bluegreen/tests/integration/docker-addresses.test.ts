import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { beforeAll, expect, it } from 'vitest';

import { describeWith } from '@maestro/services/vitest';

import { askEngine, buildServiceImage, containerSpec, DockerEnvironment, imageMs } from './docker-environment.ts';
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

describeWith('addresses of instances', ['docker'], (parts) => {
  let image = '';
  beforeAll(async () => {
    image = await buildServiceImage(parts().docker);
  }, imageMs);
  const open = (options: Parameters<typeof DockerEnvironment.open>[2] = {}) =>
    DockerEnvironment.open(parts().docker, image, options);

  it('are of a network of the environment, whose instances no other one sees', { timeout }, async () => {
    await using one = await open();
    await using other = await open();
    const started = await one.containers.runtime.start(containerSpec(blue));
    expect(await other.containers.runtime.observe()).toEqual([]);
    const elsewhere = await other.containers.runtime.start(containerSpec(blue, { configHash: 'other' }));
    expect(elsewhere.addresses).not.toEqual(started.addresses);
    await other.containers.runtime.stop({ ...blue, timeoutMs: 5_000 });
    expect(await one.containers.runtime.observe()).toEqual([started]);
    await other.containers.remove();
    await until(() => answers(urlOf(started)));
  });

  it('change neither with a new service nor with a lost file', { timeout }, async () => {
    await using environment = await open();
    const { runtime } = environment.containers;
    const before = await runtime.start(containerSpec(blue));
    await runtime.start(containerSpec(green));
    await writeFile(join(environment.folder, 'addresses.json'), '{"half of it');
    const again = await open({
      project: environment.project,
      environment: environment.environment,
      stateFolder: environment.folder,
    });
    const places = ['web', 'api'].flatMap((service) => [{ service, slot: 'blue' as const, replica: 0, port: 8080 }]);
    const [web, api] = await again.containers.addresses.addressesOf(places);
    expect(api).toEqual(before.addresses[0]);
    expect(web?.host).not.toBe(api?.host);
    const observed = (await runtime.observe()).flatMap(({ addresses }) => addresses);
    expect(observed).not.toContainEqual(web);
  });

  it('are the same again after their network was removed', { timeout }, async () => {
    await using environment = await open();
    const { docker } = parts();
    const before = await environment.containers.runtime.start(containerSpec(blue));
    await environment.removeContainers();
    const network = `${environment.project}-${environment.environment}`;
    expect((await askEngine(docker, 'DELETE', `/networks/${network}`)).status).toBe(204);
    expect((await environment.containers.runtime.start(containerSpec(blue))).addresses).toEqual(before.addresses);
  });

  it('are ports of 127.0.0.1 where that is wanted', { timeout }, async () => {
    await using environment = await open({ reach: 'published' });
    const { runtime } = environment.containers;
    const started = await runtime.start(containerSpec(blue, { replicas: 2 }));
    expect(started.addresses.map(({ host }) => host)).toEqual(['127.0.0.1', '127.0.0.1']);
    for (const address of started.addresses) await until(() => answers(urlOf({ addresses: [address] })));
    await expect(runtime.start(containerSpec(green))).resolves.toMatchObject({ state: 'running' });
  });

  it('hold as far as they are known while the engine is away', async () => {
    await using environment = await open({ engine: 'unix:///nowhere/docker.sock' });
    const { containers } = environment;
    const { runtime } = containers;
    const unreachable = { code: 'BLUEGREEN_ENGINE_UNREACHABLE', hint: expect.stringContaining('docker') as string };
    await expect(runtime.observe()).rejects.toMatchObject(unreachable);
    await expect(runtime.start(containerSpec(blue))).rejects.toMatchObject(unreachable);
    await expect(containers.servicesHost()).rejects.toMatchObject(unreachable);
    const book = { subnet: '10.250.4.0/22', bridge: { 'api.blue.0': '10.250.4.7' }, published: {} };
    await writeFile(join(environment.folder, 'addresses.json'), JSON.stringify(book));
    expect(await containers.servicesHost()).toBe('10.250.4.1');
    const place = { replica: 0, port: 8080 };
    expect(await containers.addresses.addressesOf([{ ...blue, ...place }])).toEqual([
      { host: '10.250.4.7', port: 8080 },
    ]);
    await expect(containers.addresses.addressesOf([{ ...green, ...place }])).rejects.toMatchObject(unreachable);
  });

  it('are not of a network that was made for something else', { timeout }, async () => {
    await using environment = await open();
    const { docker } = parts();
    const name = `${environment.project}-${environment.environment}`;
    await askEngine(docker, 'POST', '/networks/create', { Name: name, Labels: docker.labels });
    await expect(environment.containers.runtime.start(containerSpec(blue))).rejects.toMatchObject({
      code: 'BLUEGREEN_NETWORK_UNFIT',
    });
    await askEngine(docker, 'DELETE', `/networks/${name}`);
  });
});
