import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { isMaestroError, type Timed } from '@maestro/core';
import { describe, expect, it } from 'vitest';

import {
  buildImages,
  type BuildImagesOptions,
  type BuildRequest,
  type ImageEvent,
  ImageStoreError,
  type ImageStoreErrorCode,
  type StoredImage,
} from '../../src/index.ts';
import { MemoryImageBuilder } from '../../src/testing.ts';
import { gitRepository } from './git-fixture.ts';

/** A repository with two services on a shared base image, their Dockerfiles in one folder; committed. */
function shop() {
  const repository = gitRepository();
  const { root, write } = repository;
  write('docker/base.Dockerfile', 'FROM node:24\nCOPY . /base\n');
  write('docker/service.Dockerfile', 'FROM shop-base\nCOPY . /srv\n');
  write('docker/service.Dockerfile.dockerignore', 'notes\n');
  write('base/entry.sh', '#!/bin/sh\n', 0o755);
  write('services/api/main.js', 'api');
  write('services/api/notes/todo.md', 'nothing');
  write('services/web/main.js', 'web');
  repository.commit();
  const builder = new MemoryImageBuilder();
  const service = (name: string) => ({
    name,
    context: join(root, 'services', name),
    dockerfile: join(root, 'docker/service.Dockerfile'),
  });
  const options: BuildImagesOptions = {
    project: 'shop',
    environment: 'production',
    services: [service('api'), service('web')],
    bases: [{ name: 'base', context: join(root, 'base'), dockerfile: join(root, 'docker/base.Dockerfile') }],
    builder,
    find: () => Promise.resolve(undefined),
    allowDirty: false,
  };
  return { ...repository, builder, options };
}

function stored(image: Partial<StoredImage>): StoredImage {
  return {
    repository: 'shop-api',
    digest: `sha256:${'1'.repeat(64)}`,
    tags: [],
    inputHash: '',
    revision: 'a'.repeat(40),
    createdAt: '2026-01-01T00:00:00.000Z',
    sizeBytes: 1,
    ...image,
  };
}

async function expectCode(work: Promise<unknown>, code: ImageStoreErrorCode, message: string | RegExp): Promise<void> {
  await expect(work).rejects.toSatisfy((error) => isMaestroError(error, code));
  await expect(work).rejects.toThrow(message);
}

const listed = (archive: Buffer) =>
  execFileSync('tar', ['--list'], { input: archive, encoding: 'utf8' }).trim().split('\n');
const extracted = (archive: Buffer, path: string) =>
  execFileSync('tar', ['--extract', '--to-stdout', path], { input: archive, encoding: 'utf8' });

describe('images of services', () => {
  it('are built of their contexts, after the base image that they share', async () => {
    const { builder, options, git } = shop();
    const events: Timed<ImageEvent>[] = [];
    const images = await buildImages({ ...options, onEvent: (event) => events.push(event) });
    const revision = git('rev-parse', 'HEAD');
    const tag = `production-${revision.slice(0, 7)}`;
    expect(images).toEqual([
      expect.objectContaining({ service: 'api', repository: 'shop-api', tag, revision, built: true }),
      expect.objectContaining({ service: 'web', repository: 'shop-web', tag, revision, built: true }),
    ]);
    expect(builder.builds.map(({ service }) => service).sort()).toEqual(['api', 'base', 'web']);
    const [base, ...services] = builder.builds;
    const api = services.find(({ service }) => service === 'api');
    const hash = (tags: readonly string[] = []) => /^maestro-input-([0-9a-f]{64})$/.exec(tags[2] ?? '')?.[1];
    expect(base).toMatchObject({ service: 'base', repository: 'shop-base', platform: 'linux/amd64' });
    expect(listed(base?.archive ?? Buffer.alloc(0))).toEqual(['.maestro.Dockerfile', 'entry.sh']);
    expect(listed(api?.archive ?? Buffer.alloc(0))).toEqual(['.maestro.Dockerfile', 'main.js']);
    expect(extracted(api?.archive ?? Buffer.alloc(0), '.maestro.Dockerfile')).toBe(
      `FROM shop-base:maestro-input-${hash(base?.tags)}\nCOPY . /srv\n`,
    );
    expect(api?.tags).toEqual([tag, 'latest', `maestro-input-${hash(api?.tags)}`]);
    expect(api?.labels).toEqual({
      'maestro.input': images[0]?.inputHash,
      'org.opencontainers.image.created': '2026-03-04T03:06:07.000Z',
      'org.opencontainers.image.revision': revision,
      'org.opencontainers.image.title': 'shop-api',
      'org.opencontainers.image.version': revision.slice(0, 7),
    });
    expect(
      events
        .filter(({ type }) => type !== 'image-build-output')
        .map(({ type }) => type)
        .slice(0, 2),
    ).toEqual(['image-build-started', 'image-build-finished']);
    expect(events).toContainEqual(expect.objectContaining({ type: 'image-build-output', service: 'api' }));
  });

  it('have a Dockerfile in their context where it lies, though a rule ignores it', async () => {
    const { root, write, commit, options, builder } = shop();
    write('services/api/Dockerfile', 'FROM scratch\nCOPY . /\n');
    write('services/api/.maestro.Dockerfile', 'not mine');
    commit();
    const services = [{ name: 'api', context: join(root, 'services/api') }];
    await buildImages({ ...options, services });
    expect(builder.builds[0]).toMatchObject({ dockerfile: 'Dockerfile' });
    write('services/api/.dockerignore', 'Dockerfile\nnotes\n');
    commit();
    await buildImages({ ...options, services });
    expect(builder.builds[1]).toMatchObject({ dockerfile: '.maestro.Dockerfile.2' });
    const archive = builder.builds[1]?.archive ?? Buffer.alloc(0);
    expect(listed(archive)).toEqual(['.dockerignore', '.maestro.Dockerfile', '.maestro.Dockerfile.2', 'main.js']);
    expect(extracted(archive, '.maestro.Dockerfile.2')).toBe('FROM scratch\nCOPY . /\n');
  });

  it('take their Dockerfile from the commit too, or from the disk where it lies outside of the repository', async () => {
    const { root, write, commit, options, builder } = shop();
    const [, web] = options.services;
    const before = commit();
    write('docker/service.Dockerfile', 'FROM scratch\n');
    commit();
    rmSync(join(root, 'docker'), { recursive: true });
    await buildImages({ ...options, ref: before, services: web === undefined ? [] : [web] });
    expect(extracted(builder.builds[1]?.archive ?? Buffer.alloc(0), '.maestro.Dockerfile')).toContain(
      'FROM shop-base:',
    );

    const elsewhere = mkdtempSync(join(tmpdir(), 'maestro-dockerfiles-'));
    writeFileSync(join(elsewhere, 'Dockerfile'), 'FROM outside\n');
    writeFileSync(join(elsewhere, 'Dockerfile.dockerignore'), 'notes\n');
    const services = [{ name: 'api', context: join(root, 'services/api'), dockerfile: join(elsewhere, 'Dockerfile') }];
    await buildImages({ ...options, services, bases: [] });
    expect(listed(builder.builds[2]?.archive ?? Buffer.alloc(0))).toEqual(['.maestro.Dockerfile', 'main.js']);
  });

  it('have the version and source of the repository, without its credentials', async () => {
    const { git, options, builder } = shop();
    git('remote', 'add', 'origin', 'https://ada:s3cret@example.org/shop.git');
    git('tag', 'v1.2.3');
    await buildImages(options);
    expect(builder.builds[0]?.labels).toMatchObject({
      'org.opencontainers.image.version': 'v1.2.3',
      'org.opencontainers.image.source': 'https://example.org/shop.git',
    });
    expect(JSON.stringify(builder.builds)).not.toContain('s3cret');
  });

  it('build only the base images that they need', async () => {
    const { root, write, commit, options, builder } = shop();
    write('docker/unused.Dockerfile', 'not even a Dockerfile');
    write('docker/tools.Dockerfile', 'FROM shop-base:1.0\n');
    write('services/web/Dockerfile', 'FROM scratch\nCOPY --from=shop-tools /a /b\nCOPY --from=shop-tools:x /c /d\n');
    commit();
    const base = (name: string) => ({
      name,
      context: join(root, 'base'),
      dockerfile: join(root, `docker/${name}.Dockerfile`),
    });
    await buildImages({
      ...options,
      services: [{ name: 'web', context: join(root, 'services/web') }],
      bases: [...['unused', 'tools', 'base'].map(base), { name: 'gone', context: join(root, 'gone') }],
    });
    expect(builder.builds.map(({ service }) => service)).toEqual(['base', 'tools', 'web']);
  });
});

describe('the input hash', () => {
  it('is the same in another clone, at another commit and for another environment', async () => {
    const { root, write, commit, options } = shop();
    const here = await buildImages(options);
    const clone = join(mkdtempSync(join(tmpdir(), 'maestro-clone-')), 'clone');
    write('services/other/main.js', 'not of interest');
    write('services/api/notes/todo.md', 'ignored');
    commit();
    execFileSync('git', ['clone', '--quiet', `file://${root}`, clone], { stdio: 'pipe' });
    const moved = (path = '') => path.replace(root, clone);
    const there = await buildImages({
      ...options,
      environment: 'demo',
      services: options.services.map((each) => ({
        ...each,
        context: moved(each.context),
        dockerfile: moved(each.dockerfile),
      })),
      bases: options.bases?.map((each) => ({
        ...each,
        context: moved(each.context),
        dockerfile: moved(each.dockerfile),
      })),
    });
    expect(there.map(({ inputHash }) => inputHash)).toEqual(here.map(({ inputHash }) => inputHash));
    expect(there[0]?.tag).toMatch(/^demo-/);
    expect(there[0]?.revision).not.toBe(here[0]?.revision);
  });

  it('is another one where the base image, its own base or anything asked for is', async () => {
    const { write, commit, options } = shop();
    const hashes = new Set<string | undefined>();
    const add = async (change: Partial<BuildImagesOptions> = {}, recipe: object = {}) => {
      const services = options.services.map((each) => ({ ...each, ...recipe }));
      hashes.add((await buildImages({ ...options, services, ...change }))[0]?.inputHash);
    };
    await add();
    await add({ builder: new MemoryImageBuilder({ bases: { 'node:24': 'sha256:other' } }) });
    await add({}, { args: { A: '1' } });
    await add({}, { labels: { team: 'shop' } });
    await add({}, { platforms: ['linux/arm64'] });
    write('base/entry.sh', '#!/bin/sh -e\n', 0o755);
    commit();
    await add();
    expect(hashes.size).toBe(6);
  });
});

it('is asked for all platforms, with the base images of each', async () => {
  const { root, write, commit, options, builder } = shop();
  write('services/api/Dockerfile', 'FROM node:24-$TARGETARCH\nCOPY --from=shop-base /a /b\n');
  commit();
  const platforms = ['linux/arm64', 'linux/amd64'];
  const services = [{ name: 'api', context: join(root, 'services/api'), platforms }];
  const [base] = options.bases ?? [];
  const images = await buildImages({ ...options, services, bases: base === undefined ? [] : [{ ...base, platforms }] });
  const [, api] = builder.builds;
  expect(api).toMatchObject({
    service: 'api',
    platform: 'linux/amd64,linux/arm64',
    bases: [`shop-base:${builder.builds[0]?.tags[2]}`],
  });
  const known = { 'node:24': 'sha256:a', 'node:24-amd64': 'sha256:b' };
  const missing = buildImages({ ...options, services, builder: new MemoryImageBuilder({ bases: known }) });
  await expectCode(missing, 'IMAGE_STORE_PULL_FAILED', 'node:24-arm64');
  const other = await buildImages({
    ...options,
    services: [{ ...services[0], name: 'api', context: join(root, 'services/api'), platforms: ['linux/amd64'] }],
  });
  expect(other[0]?.inputHash).not.toBe(images[0]?.inputHash);
});

describe('an image that is stored', () => {
  it('is not built again, nor is the base image of nobody else', async () => {
    const { options, builder } = shop();
    const asked: object[] = [];
    const digest = `sha256:${'2'.repeat(64)}`;
    const events: string[] = [];
    const images = await buildImages({
      ...options,
      find: (query) => {
        asked.push(query);
        return Promise.resolve(stored({ ...query, digest }));
      },
      onEvent: ({ type }) => events.push(type),
    });
    expect(builder.builds).toEqual([]);
    expect(images).toMatchObject([
      { service: 'api', built: false, digest, revision: 'a'.repeat(40) },
      { service: 'web', built: false, digest },
    ]);
    expect(asked).toMatchObject([{ inEngine: false }, { inEngine: false }]);
    expect(events).toEqual(['image-unchanged', 'image-unchanged']);
  });

  it('serves as base image only where the engine has it', async () => {
    const { options, builder } = shop();
    await buildImages({
      ...options,
      find: (query) => Promise.resolve(query.inEngine ? stored(query) : undefined),
    });
    expect(builder.builds.map(({ service }) => service).sort()).toEqual(['api', 'web']);
  });

  it('is not taken by a clean commit when it was made of a working tree', async () => {
    const { options, builder, write } = shop();
    const find: BuildImagesOptions['find'] = (query) =>
      Promise.resolve(stored({ ...query, revision: `${'a'.repeat(40)}-dirty` }));
    await buildImages({ ...options, find });
    expect(builder.builds.length).toBe(3);
    write('services/api/main.js', 'changed');
    const images = await buildImages({ ...options, find, allowDirty: true });
    expect(images).toMatchObject([
      { service: 'api', built: false },
      { service: 'web', built: true },
    ]);
  });
});

describe('a dirty working tree', () => {
  it('is refused, with its files and what to do', async () => {
    const { root, write, options, builder } = shop();
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) write(`services/api/${name}`, name);
    const building = buildImages(options);
    await expectCode(building, 'IMAGE_STORE_DIRTY', /services\/api\/a, .*services\/api\/e and 1 more/);
    await expect(building).rejects.toMatchObject({ hint: expect.stringContaining(`git -C ${root} stash`) as string });
    expect(builder.builds).toEqual([]);
    await buildImages({ ...options, ref: 'HEAD' });
  });

  it('is none where only ignored or other files differ', async () => {
    const { write, options, builder } = shop();
    write('services/api/notes/more.md', 'ignored');
    write('services/other/main.js', 'of no service');
    await buildImages(options);
    expect(builder.builds.map(({ tags }) => tags[0])).toEqual(Array(3).fill(expect.not.stringContaining('dirty')));
  });

  it('is one where a Dockerfile, its ignore file or the base image differs', async () => {
    for (const path of ['docker/service.Dockerfile', 'docker/service.Dockerfile.dockerignore', 'base/entry.sh']) {
      const { write, options } = shop();
      write(path, path.endsWith('Dockerfile') ? 'FROM scratch\n' : 'notes\n#\n');
      await expectCode(buildImages(options), 'IMAGE_STORE_DIRTY', path);
    }
  });

  it('shows in tag, revision and version', async () => {
    const { write, git, options, builder } = shop();
    write('services/api/main.js', 'changed');
    const [api, web] = await buildImages({ ...options, allowDirty: true });
    const revision = git('rev-parse', 'HEAD');
    const short = revision.slice(0, 7);
    expect(api).toMatchObject({
      tag: `production-${short}-dirty-${api?.inputHash.slice(7, 15)}`,
      revision: `${revision}-dirty`,
    });
    expect(web).toMatchObject({ tag: `production-${short}`, revision });
    const labels = builder.builds.find(({ service }) => service === 'api')?.labels;
    expect(labels).toMatchObject({
      'org.opencontainers.image.revision': `${revision}-dirty`,
      'org.opencontainers.image.version': `${short}-dirty`,
    });
  });
});

describe('building fails', () => {
  it('with the first error and the name of its service, after all others have ended', async () => {
    const { options } = shop();
    const log: string[] = [];
    class FailingBuilder extends MemoryImageBuilder {
      override async build(request: BuildRequest, { signal }: { readonly signal?: AbortSignal | undefined } = {}) {
        const { service } = request;
        if (service === 'base') return super.build(request);
        if (service === 'api') {
          throw new ImageStoreError('IMAGE_STORE_ENGINE_UNREACHABLE', 'no engine answers', { retryable: true });
        }
        await new Promise<void>((resolve) => {
          if (signal?.aborted === true) resolve();
          signal?.addEventListener('abort', () => setImmediate(resolve));
        });
        log.push(`${service} ended`);
        throw signal?.reason;
      }
    }
    const building = buildImages({ ...options, builder: new FailingBuilder() });
    await expect(building).rejects.toMatchObject({
      code: 'IMAGE_STORE_ENGINE_UNREACHABLE',
      message: 'api: no engine answers',
      details: { service: 'api' },
      retryable: true,
    });
    expect(log).toEqual(['web ended']);
  });

  it('for what names cannot be', async () => {
    const { options } = shop();
    await expectCode(buildImages({ ...options, project: 'Shop' }), 'IMAGE_STORE_INVALID_NAME', 'Shop-api');
    await expectCode(buildImages({ ...options, environment: 'a/b' }), 'IMAGE_STORE_INVALID_NAME', 'a/b');
    const twice = [...options.services, ...options.services];
    await expectCode(buildImages({ ...options, services: twice }), 'IMAGE_STORE_INVALID_NAME', 'named api');
  });

  it('for images that need one another', async () => {
    const { root, write, commit, options } = shop();
    write('docker/base.Dockerfile', 'FROM shop-tools\n');
    write('docker/tools.Dockerfile', 'FROM scratch\nCOPY --from=shop-base /a /b\n');
    commit();
    const tools = { name: 'tools', context: join(root, 'base'), dockerfile: join(root, 'docker/tools.Dockerfile') };
    const bases = [...(options.bases ?? []), tools];
    await expectCode(buildImages({ ...options, bases }), 'IMAGE_STORE_BUILD_CYCLE', 'base -> tools -> base');
    const services = options.services.map((each) => ({ ...each, dependsOn: [each.name === 'api' ? 'web' : 'api'] }));
    await expectCode(buildImages({ ...options, services }), 'IMAGE_STORE_BUILD_CYCLE', 'api -> web -> api');
  });

  it('without a Dockerfile, or for one that is a link', async () => {
    const { root, options, git, commit } = shop();
    const services = [{ name: 'api', context: join(root, 'services/api') }];
    await expectCode(
      buildImages({ ...options, services }),
      'IMAGE_STORE_DOCKERFILE_INVALID',
      'services/api/Dockerfile: ',
    );
    execFileSync('ln', ['-s', '../../docker/service.Dockerfile', join(root, 'services/api/Dockerfile')]);
    commit();
    await expectCode(
      buildImages({ ...options, services, ref: 'HEAD' }),
      'IMAGE_STORE_DOCKERFILE_INVALID',
      'no symbolic link',
    );
    expect(git('status', '--porcelain')).toBe('');
  });

  it('outside of a repository, at an unknown commit or with an empty context', async () => {
    const { root, options } = shop();
    const at = (context: string) => ({ ...options, services: [{ name: 'api', context }] });
    await expectCode(buildImages(at(tmpdir())), 'IMAGE_STORE_NOT_A_GIT_REPOSITORY', tmpdir());
    await expectCode(buildImages({ ...options, ref: 'nowhere' }), 'IMAGE_STORE_UNKNOWN_REF', 'nowhere');
    await expectCode(buildImages(at(join(root, 'none'))), 'IMAGE_STORE_SOURCE_EMPTY', 'none');
  });

  it('with the reason of the caller', async () => {
    const { options } = shop();
    const controller = new AbortController();
    const building = buildImages({ ...options, signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(building).rejects.toThrow('enough');
  });
});
