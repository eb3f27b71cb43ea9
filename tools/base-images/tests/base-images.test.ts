import { cp, truncate, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

import { poll, systemClock } from '@maestro/core';
import { describeWith } from '@maestro/services/vitest';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';

import { ArchiveCache } from '../src/archive-cache.ts';
import { DockerEngine } from '../src/docker-engine.ts';
import { ensureImage } from '../src/ensure-base-image.ts';
import { type BaseImageName, baseImages, ensureBaseImage } from '../src/index.ts';
import { recipeOf } from '../src/recipes.ts';
import { startRegistry } from './one-image-registry.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { TestImages } from './test-images.ts';

/** Where nobody listens, so that the stand-ins are tested also where the real hub can be reached. */
const noHub = 'http://127.0.0.1:1';

/** The one of this machine: only the first run after a change of the recipes has to make anything. */
const usualCache = join(homedir(), '.cache', 'maestro', 'base-images');

const makeTimeoutMs = 10 * 60_000;

describeWith('base images in a Docker Engine', ['docker'], (parts) => {
  let images: TestImages;
  const engine = () => parts().docker.engine;
  const standIns = new Map<BaseImageName, string>();

  beforeAll(async () => {
    images = new TestImages(parts().docker);
    for (const name of ['node', 'nginx', 'python'] as const) standIns.set(name, (await standIn(name)).reference);
  }, makeTimeoutMs);

  async function standIn(name: BaseImageName, cacheFolder?: string) {
    return await ensureImage({ engine: engine(), name, cacheFolder }, { reference: images.newReference(), hub: noHub });
  }

  async function copyUsualCache(folder: string): Promise<void> {
    using _ = await new ArchiveCache(usualCache).hold();
    await cp(usualCache, folder, { recursive: true, filter: (source) => !source.endsWith('/lock') });
  }

  describe('the stand-in for Node', () => {
    const run = async (user: string, script: string) => {
      const command = ['sh', '-ec', script];
      return (await images.run({ image: standIns.get('node') ?? '', command, user })).split('\n');
    };

    it.each(['root', 'node'])('runs Node 24, npm and npx as %s', async (user) => {
      const [name, node, npm, npx] = await run(user, 'id -un; node --version; npm --version; npx --version');
      expect(name).toBe(user);
      expect(node).toMatch(/^v24\./);
      expect(npm).toMatch(/^11\./);
      expect(npx).toBe(npm);
    });

    it('has the user that Dockerfiles switch to, with a home of its own', async () => {
      const output = await run('node', 'id -u; id -g; touch /home/node/file; stat -c %U:%G /home/node');
      expect(output).toEqual(['1000', '1000', 'node:node']);
    });

    it('knows certificate authorities, and has neither manuals nor package lists', async () => {
      const [authorities, ...files] = await run(
        'root',
        'grep -c BEGIN /etc/ssl/certs/ca-certificates.crt; find /usr/share/doc /usr/share/man /var/lib/apt/lists -type f',
      );
      expect(Number(authorities)).toBeGreaterThan(100);
      expect(files).toEqual([]);
    });

    it('is described as a stand-in, and starts Node', async () => {
      const { Config: config } = await images.docker.getImage(standIns.get('node') ?? '').inspect();
      expect(config.Labels).toMatchObject({ 'dev.maestro.base-image': 'debian' });
      expect(config.Cmd).toEqual(['node']);
      const [version] = await run('root', 'node --version');
      expect(config.Env).toContain(`NODE_VERSION=${version?.slice(1)}`);
    });
  });

  describe('the stand-in for nginx', () => {
    const answerOf = async (address: string) => {
      const { value } = await poll({
        probe: (signal) => fetch(address, { signal }).catch(() => undefined),
        accept: (response) => response !== undefined,
        intervalMs: 50,
        deadlineMs: 20_000,
        clock: systemClock,
      });
      return value;
    };

    it('serves its page on port 80, writes its log to the output and finishes at its stop signal', async () => {
      const container = await images.start(standIns.get('nginx') ?? '');
      const response = await answerOf(await images.addressOf(container));
      expect(response?.status).toBe(200);
      expect(await response?.text()).toContain('Welcome to nginx!');
      expect(await images.outputOf(container)).toContain('"GET / HTTP/1.1" 200');

      await container.stop({ t: 30 });
      const { Config: config, State: state } = await container.inspect();
      expect(config).toMatchObject({ StopSignal: 'SIGQUIT', ExposedPorts: { '80/tcp': {} } });
      expect(state.ExitCode).toBe(0);
    });

    it('serves what a Dockerfile puts in the place of the default site, as the user whom it names', async () => {
      const site = 'server { listen 80; location / { return 200 "mine"; } }';
      const script = `
        echo '${site}' > /etc/nginx/conf.d/default.conf
        sed -i 's/^user .*/user nginx;/' /etc/nginx/nginx.conf
        exec nginx -g 'daemon off;'`;
      const container = await images.start(standIns.get('nginx') ?? '', ['sh', '-ec', script]);
      const response = await answerOf(await images.addressOf(container));
      expect(await response?.text()).toBe('mine');
    });
  });

  describe('the stand-in for Python', () => {
    const run = async (script: string) => {
      const image = standIns.get('python') ?? '';
      return (await images.run({ image, command: ['sh', '-ec', script], user: '10001:10001' })).split('\n');
    };

    it('has the Python that its reference promises, under the names that Dockerfiles use', async () => {
      const [, promised = ''] = /:([\d.]+)-/.exec(baseImages.python) ?? [];
      const versions = await run('python3 --version; python --version; /usr/local/bin/python3 --version');
      expect(versions).toEqual(Array.from({ length: 3 }, () => versions[0]));
      expect(versions[0]).toMatch(new RegExp(`^Python ${promised.replaceAll('.', '\\.')}\\.`));
    });

    it('installs packages where they are looked for, and has no bytecode', async () => {
      const wheel = `import zipfile
with zipfile.ZipFile("greeting-1-py3-none-any.whl", "w") as file:
    file.writestr("greeting.py", "print(\\'hello\\')")
    file.writestr("greeting-1.dist-info/METADATA", "Metadata-Version: 2.1\\nName: greeting\\nVersion: 1\\n")
    file.writestr("greeting-1.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    file.writestr("greeting-1.dist-info/RECORD", "")`;
      const [name, ...bytecode] = await run(`cd /tmp; cat > wheel.py <<'END'
${wheel}
END
python3 wheel.py
HOME=/tmp pip install --quiet --no-cache-dir --no-index --target found greeting-1-py3-none-any.whl
PYTHONPATH=found python3 -m greeting
find /usr/lib -name '*.pyc'`);
      expect(name).toBe('hello');
      expect(bytecode).toEqual([]);
    });
  });

  it('does nothing for an image that the engine has', { timeout: makeTimeoutMs }, async () => {
    const { reference, id } = await ensureBaseImage({ engine: engine(), name: 'nginx' });
    expect(reference).toBe(baseImages.nginx);
    const said: string[] = [];
    const again = await ensureBaseImage({
      engine: engine(),
      name: 'nginx',
      cacheFolder: '/nowhere/at/all',
      onProgress: (line) => said.push(line),
    });
    expect(again).toEqual({ reference, id, source: 'engine' });
    expect(said).toEqual([]);
  });

  it('loads an image that was removed from the engine out of the cache', async () => {
    const first = await standIn('nginx');
    await images.remove(first.reference);
    const origin = { reference: first.reference, hub: noHub };
    expect(await ensureImage({ engine: engine(), name: 'nginx' }, origin)).toEqual({ ...first, source: 'cache' });
  });

  it('prefers a hub that answers to the cache', async () => {
    await using registry = await startRegistry({ hasImage: true });
    const reference = images.newReference(registry.url);
    const pulled = await ensureImage({ engine: engine(), name: 'node' }, { reference, hub: registry.url });
    expect(pulled).toMatchObject({ reference, source: 'hub' });
    const { RepoDigests: digests } = await images.docker.getImage(reference).inspect();
    expect(digests.join()).toContain(registry.digest);
  });

  it('says so when the hub answers and the engine cannot pull', async () => {
    await using registry = await startRegistry({ hasImage: false });
    const { url } = registry;
    const reference = images.newReference(url);
    await expect(ensureImage({ engine: engine(), name: 'node' }, { reference, hub: url })).rejects.toMatchObject({
      code: 'BASE_IMAGE_PULL_FAILED',
      message: expect.stringMatching(/manifest .*unknown/) as string,
      hint: `try it with: docker --host ${parts().docker.address} pull ${reference}`,
    });
  });

  it('makes an image anew, once for all who ask, when its cached archive was cut off', async () => {
    const cacheFolder = await temporaryFolder();
    await copyUsualCache(cacheFolder);
    const archive = (await new ArchiveCache(cacheFolder).find(recipeOf('node'))) ?? '';
    await truncate(archive, 100_000_000);
    const ensured = await Promise.all([standIn('node', cacheFolder), standIn('node', cacheFolder)]);
    expect(ensured.map(({ source }) => source).sort()).toEqual(['built', 'cache']);
    expect(ensured[0].id).toBe(ensured[1].id);
    const command = ['node', '--version'];
    expect(await images.run({ image: ensured[0].reference, command, user: 'node' })).toMatch(/^v24\./);
  });

  it.each([
    ['garbage', (file: string) => writeFile(file, Buffer.alloc(100_000, 'garbage'))],
    ['an image that was cut off', (file: string) => truncate(file, 50_000_000)],
  ])('does not take %s for an image', async (_, spoil) => {
    const folder = await temporaryFolder();
    await copyUsualCache(folder);
    const archive = (await new ArchiveCache(folder).find(recipeOf('nginx'))) ?? '';
    await spoil(archive);
    const reference = images.newReference();
    const docker = new DockerEngine(engine());
    await expect(docker.load(archive, reference)).rejects.toMatchObject({ code: 'BASE_IMAGE_LOAD_FAILED' });
    expect(await docker.find(reference)).toBeUndefined();
  });

  it('asks the engine that it was given, whatever DOCKER_HOST says', async () => {
    vi.stubEnv('DOCKER_HOST', 'tcp://127.0.0.1:1');
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    expect(await new DockerEngine(engine()).find(standIns.get('node') ?? '')).toMatch(/^sha256:/);
  });
});

it('names the engine that does not answer', async () => {
  const engine = { socketPath: '/nowhere/docker.sock' };
  await expect(ensureBaseImage({ engine, name: 'node' })).rejects.toMatchObject({
    code: 'BASE_IMAGE_ENGINE_FAILED',
    hint: 'ask it with: docker --host unix:///nowhere/docker.sock version',
  });
});
