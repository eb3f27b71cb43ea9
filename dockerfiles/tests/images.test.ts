import { randomUUID } from 'node:crypto';

import { baseImages, ensureBaseImage } from '@maestro/base-images';
import { Redacted } from '@maestro/core';
import { openContainerSecrets, type SecretsMount } from '@maestro/secrets/docker';
import { describeWith } from '@maestro/services/vitest';
import type Docker from 'dockerode';
import { beforeAll, describe, expect, it } from 'vitest';

import { Containers } from './containers.ts';
import { Platform, type ServiceName, serviceNames, sources } from './platform.ts';

/** Making base images takes a minute where nobody has done so before. */
const imagesMs = 8 * 60_000;
const nightly = process.env.MAESTRO_NIGHTLY === 'true';

// Between them what the programs ask for.
const env = [
  ...['GATEWAY', 'TEMPLATE_SERVICE', 'AUTOMATION_SERVICE', 'QUALITY_FABRIC', 'K8S_EXECUTION_SERVICE'].map(
    (name) => `${name}_URL=http://127.0.0.1:1`,
  ),
  'DATABASE_PATH=/data/platform.db',
];
const secret = `it's $(a) canary ${randomUUID()}`;
const values = { API_TOKEN: new Redacted(secret), EXECUTION_TOKEN: new Redacted(secret) };
const owner = { uid: 10001, gid: 10001 };

describeWith('the images of the central Dockerfiles', ['docker'], (parts) => {
  let containers: Containers;
  let platform: Platform;
  let secrets: SecretsMount;
  const images = new Map<ServiceName, string>();
  const imageOf = (name: ServiceName) => images.get(name) ?? '';

  beforeAll(async () => {
    const { docker } = parts();
    for (const name of ['node', 'python'] as const) await ensureBaseImage({ engine: docker.engine, name });
    containers = new Containers(docker);
    platform = new Platform(docker);
    await build(serviceNames);
    const volumes = openContainerSecrets({ engine: docker.address, project: docker.suite, environment: 'demo' });
    secrets = await volumes.inject({ service: 'platform', owner, secrets: values });
  }, imagesMs);

  async function build(names: readonly ServiceName[]): Promise<void> {
    for (const image of await platform.build(names)) {
      expect(image.built).toBe(true);
      if (image.built) images.set(image.service as ServiceName, image.imageId);
    }
  }

  /** A volume with the database that the template service does not make itself. */
  async function migratedData(): Promise<string> {
    const script = `const { DatabaseSync } = require('node:sqlite');
      const database = new DatabaseSync(process.env.DATABASE_PATH);
      for (const file of fs.globSync('migrations/*.up.sql').sort()) database.exec(fs.readFileSync(file, 'utf8'));`;
    const data = containers.newName();
    const image = imageOf('template-service');
    const job = await containers.start({ image, env, data, command: ['node', '-e', script] });
    expect(await job.wait()).toMatchObject({ StatusCode: 0 });
    return data;
  }

  async function becomesHealthy(name: ServiceName, image: string): Promise<Docker.Container> {
    const data = name === 'template-service' ? await migratedData() : undefined;
    const container = await containers.start({ image, secrets, env, data });
    await containers.untilHealthy(container);
    return container;
  }

  describe.each(serviceNames)('%s', (name) => {
    it('becomes healthy with its secrets, as a user of no rights, and ends well at SIGTERM', async () => {
      const container = await becomesHealthy(name, imageOf(name));

      const [command, variables, status] = await Promise.all(
        ['cmdline', 'environ', 'status'].map((file) => containers.output(container, ['cat', `/proc/1/${file}`])),
      );
      expect(command?.split('\0')[0]).toMatch(/^(?:node|python3)$/);
      expect(variables?.split('\0')).toContain(`API_TOKEN=${secret}`);
      expect(status).toMatch(/^Uid:\t10001\t10001\t10001\t10001$/m);
      expect(status).toMatch(/^Gid:\t10001\t/m);
      expect(JSON.stringify(await container.inspect())).not.toContain('canary');
      // The root file system is read-only here; without that, too, the program could not change itself.
      const changeable = 'find /app /secrets-entrypoint.sh ! -user 0 -o -perm /022 ! -type l'.split(' ');
      expect(await containers.output(container, changeable)).toBe('');

      expect(await containers.exitCode(container)).toBe(0);
    });

    it('says what it is, of what and from where', async () => {
      const { Config: config } = await containers.docker.getImage(imageOf(name)).inspect();
      expect(config.User).toBe('10001:10001');
      expect(config.Labels).toMatchObject({
        'org.opencontainers.image.title': `${parts().docker.suite}-${name}`,
        'org.opencontainers.image.base.name': expect.stringMatching(/^(?:node:24-|python:3\.11-)/) as string,
        'org.opencontainers.image.source': 'https://example.com/platform.git',
        'org.opencontainers.image.revision': expect.stringMatching(/^[0-9a-f]{40}$/) as string,
        'org.opencontainers.image.version': '1.2.3',
      });
    });
  });

  it('start at once where there are no secrets, and wait for them where they are to come', async () => {
    const without = await containers.start({ image: imageOf('quality-fabric'), user: '4711:4711' });
    await containers.untilHealthy(without);
    expect(await containers.output(without, ['cat', '/proc/1/environ'])).not.toContain('API_TOKEN');

    const early = await containers.start({
      image: imageOf('quality-fabric'),
      secrets: { ...secrets, volume: containers.newName() },
      env: ['MAESTRO_SECRETS_WAIT_SECONDS=1'],
    });
    expect(await early.wait()).toMatchObject({ StatusCode: 78 });
  });

  it('leave no ended jobs behind', async () => {
    const container = await becomesHealthy('k8s-execution-service', imageOf('k8s-execution-service'));
    const ask = `import json, os, urllib.request as r
job = json.dumps({"program": "render", "input": {}}).encode()
headers = {"authorization": "Bearer " + os.environ["T"], "content-type": "application/json"}
print(r.urlopen(r.Request("http://127.0.0.1:8080/jobs", job, headers)).status)`;
    const shell = '. /run/secrets/env; T="$EXECUTION_TOKEN" exec python3 -c "$0"';
    expect(await containers.output(container, ['sh', '-c', shell, ask])).toBe('200\n');
    const { Processes: processes } = (await container.top()) as { readonly Processes: readonly (readonly string[])[] };
    // Its health check may run just now.
    expect(
      processes.map((columns) => columns.at(-1)).filter((command) => /defunct|programs/.test(command ?? '')),
    ).toEqual([]);
    await container.kill();
  });

  it('keep all layers but the last where only sources change', { timeout: imagesMs }, async () => {
    const before = new Map(images);
    platform.change(serviceNames);
    await build(serviceNames);
    for (const name of serviceNames) {
      const layers = await containers.layers(before.get(name) ?? '');
      const rebuilt = await containers.layers(imageOf(name));
      expect([name, rebuilt.slice(0, -1)]).toEqual([name, layers.slice(0, -1)]);
      expect(rebuilt.at(-1)).not.toBe(layers.at(-1));
    }
  });

  it('are not built again for files that are not in them', async () => {
    platform.addNotes();
    expect((await platform.build(serviceNames)).map(({ built }) => built)).toEqual(serviceNames.map(() => false));
  });

  // Each instruction is a container to this builder, which takes a while.
  it.each(serviceNames.filter((name) => nightly || name === 'automation-service'))(
    'of %s are also made by the classic builder, on a base of its own',
    { timeout: imagesMs },
    async (name) => {
      const base = `${parts().docker.suite}-base`;
      const hub = sources[name].endsWith('.py') ? baseImages.python : baseImages.node;
      await containers.docker.getImage(hub).tag({ repo: base, tag: name });
      const args = { BASE: `${base}:${name}`, SOURCE: 'https://example.com/fork', REVISION: 'abc', VERSION: '2' };
      const [context, dockerfile] = [platform.contextOf(name), platform.dockerfileOf(name)];
      const image = await containers.buildClassically({ context, dockerfile, args });
      const { Config: config } = await containers.docker.getImage(image).inspect();
      expect(config.Labels).toMatchObject({
        'org.opencontainers.image.title': name,
        'org.opencontainers.image.base.name': args.BASE,
        'org.opencontainers.image.source': args.SOURCE,
        'org.opencontainers.image.revision': args.REVISION,
        'org.opencontainers.image.version': args.VERSION,
      });
      await becomesHealthy(name, image);
    },
  );
});
