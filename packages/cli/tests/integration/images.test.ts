import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { describeWith } from '@maestro/services/vitest';
import { expect, it } from 'vitest';

import { closableFront } from './closable-front.ts';
import { imagesProject, type ImagesResult } from './images-project.ts';
import { MaestroProcess } from './maestro-process.ts';

const slow = { timeout: 120_000 };

/** As an independent judge reads it from the image repository. */
function digestBySkopeo(skopeo: string, name: string): string {
  return execFileSync(skopeo, ['inspect', '--tls-verify=false', '--format', '{{.Digest}}', `docker://${name}`], {
    encoding: 'utf8',
  }).trim();
}

const digestOf = ({ services }: ImagesResult, service: string) =>
  services.find((image) => image.service === service)?.digest ?? '';

describeWith('maestro images', ['docker', 'image-repository', 'skopeo'], (parts) => {
  const open = async (name: string) => {
    const { docker, 'image-repository': repository, skopeo } = parts();
    const project = `${docker.suite}-${name}`;
    const namespace = `${repository.prefix}${name}`;
    const place = { engine: docker.address, repository: `${repository.address}/${namespace}` };
    const opened = await imagesProject(
      project,
      { production: place, staging: place, alone: { engine: docker.address } },
      docker.labels,
    );
    const inRepository = (service: string, tag: string) =>
      digestBySkopeo(skopeo.program, `${new URL(repository.address).host}/${namespace}/${project}-${service}:${tag}`);
    return { opened, project, inRepository };
  };

  it('builds, sends, tags, remembers and returns to images, under digests that skopeo confirms', slow, async () => {
    const { opened, inRepository, project } = await open('story');
    await using shop = opened;
    const first = await shop.images('build', '--push', '-e', 'production');
    expect(first.services).toMatchObject([
      { service: 'api', repository: `${project}-api`, built: true },
      { service: 'web', repository: `${project}-web`, built: true },
    ]);
    const tag = first.services[0]?.tag ?? '';
    expect(tag).toMatch(/^production-[0-9a-f]{7}$/);
    for (const service of ['api', 'web']) expect(inRepository(service, tag)).toBe(digestOf(first, service));

    // A commit that changes one service builds that one alone; the other one's image gets the commit's tag.
    await shop.commit({ 'services/api/start': `${project} api 2` });
    const second = await shop.images('build', '--push', '-e', 'production');
    expect(second.services.map(({ built }) => built)).toEqual([true, false]);
    expect(digestOf(second, 'web')).toBe(digestOf(first, 'web'));
    for (const service of ['api', 'web']) {
      expect(inRepository(service, second.services[0]?.tag ?? '')).toBe(digestOf(second, service));
      expect(inRepository(service, 'latest')).toBe(digestOf(second, service));
    }

    await shop.images('tag', 'api', tag, 'stable', '-e', 'production');
    expect(inRepository('api', 'stable')).toBe(digestOf(first, 'api'));
    const { images } = await shop.images('list', 'api', '-e', 'production');
    expect(images.map(({ digest, tags }) => [digest, tags])).toEqual(
      expect.arrayContaining([
        [digestOf(first, 'api'), [tag, 'stable'].sort()],
        [digestOf(second, 'api'), ['latest', second.services[0]?.tag]],
      ]),
    );

    const back = await shop.images('rollback', '-e', 'production');
    expect(digestOf(back, 'api')).toBe(digestOf(first, 'api'));
    expect(inRepository('api', 'latest')).toBe(digestOf(first, 'api'));
    const { releases } = await shop.images('history', '-e', 'production');
    expect(releases.map(({ id, kind }) => [id, kind])).toEqual([
      [back.release, 'rollback'],
      [second.release, 'push'],
      [first.release, 'push'],
    ]);
    expect(releases.flatMap(({ services }) => services).every(({ stored }) => stored)).toBe(true);
  });

  it('returns to images while the image repository is down, and still knows the releases', slow, async () => {
    const { docker, 'image-repository': repository } = parts();
    await using front = await closableFront(repository.address);
    const project = `${docker.suite}-down`;
    const place = { engine: docker.address, repository: `${front.address}/${repository.prefix}down` };
    await using shop = await imagesProject(project, { production: place }, docker.labels);
    const first = await shop.images('build', 'api', '--push', '-e', 'production');
    await shop.commit({ 'services/api/start': `${project} api 2` });
    const second = await shop.images('build', 'api', '--push', '-e', 'production');

    await front.close();
    const back = await shop.images('rollback', '-e', 'production');
    expect(digestOf(back, 'api')).toBe(digestOf(first, 'api'));
    const maestro = new MaestroProcess([
      'history',
      '-e',
      'production',
      '--json',
      '-c',
      join(shop.folder, 'maestro.config.json'),
    ]);
    expect(await maestro.exitCode()).toBe(0);
    const { releases } = JSON.parse(maestro.stdout.trimEnd().split('\n').at(-1) ?? '') as ImagesResult;
    expect(releases.map(({ id }) => id)).toEqual([back.release, second.release, first.release]);
  });

  it('prunes nothing that a release of any environment needs', slow, async () => {
    const { opened } = await open('prune');
    await using shop = opened;
    const pushed = await shop.images('build', 'api', '--push', '-e', 'staging');
    const { remove, removed } = await shop.images('prune', '--yes', '-e', 'production');
    expect([remove, removed]).toEqual([[], []]);
    const { releases } = await shop.images('history', '-e', 'staging');
    expect(releases[0]?.services).toEqual([expect.objectContaining({ digest: digestOf(pushed, 'api'), stored: true })]);
  });

  it('carries a release to an engine without an image repository, as a file', slow, async () => {
    const { opened } = await open('carried');
    await using shop = opened;
    const pushed = await shop.images('build', '--push', '-e', 'production');
    const file = join(shop.folder, 'release.tar');
    const saved = await shop.images('save', file, '-e', 'production');
    expect(saved).toMatchObject({ release: pushed.release, file });
    expect(execFileSync('tar', ['--list', '--file', file], { encoding: 'utf8' })).toContain('maestro-release.json');
    const loaded = await shop.images('load', file, '-e', 'alone');
    expect(loaded.release).toBe(pushed.release);
    await shop.images('load', file, '-e', 'alone');
    const { releases } = await shop.images('history', '-e', 'alone');
    expect(releases.map(({ id, kind }) => [id, kind])).toEqual([[pushed.release, 'push']]);
    const { images } = await shop.images('list', '-e', 'alone');
    expect(images.map(({ digest }) => digest)).toEqual(
      expect.arrayContaining(['api', 'web'].map((service) => digestOf(pushed, service))),
    );
    expect(await shop.refused('build', '--push', '-e', 'alone')).toMatchObject({
      exitCode: 2,
      code: 'ORCHESTRATOR_NO_IMAGE_REPOSITORY',
    });
  });

  it('mirrors a release to another image repository', slow, async () => {
    const { opened, project } = await open('mirrored');
    await using shop = opened;
    const { address, prefix } = parts()['image-repository'];
    const pushed = await shop.images('build', '--push', '-e', 'production');
    await shop.images('mirror', `${address}/${prefix}copy`, '-e', 'production');
    const tag = pushed.services[0]?.tag ?? '';
    const copy = `${new URL(address).host}/${prefix}copy/${project}-api:${tag}`;
    expect(digestBySkopeo(parts().skopeo.program, copy)).toBe(digestOf(pushed, 'api'));
  });

  it('refuses a dirty working tree, and to push what was never built', slow, async () => {
    const { opened, project } = await open('refused');
    await using shop = opened;
    expect(await shop.refused('push', '-e', 'production')).toMatchObject({
      exitCode: 1,
      code: 'IMAGE_STORE_UNKNOWN_IMAGE',
      hint: expect.stringContaining('maestro images build') as string,
    });
    await shop.write({ 'services/api/start': `${project} api changed` });
    expect(await shop.refused('build', '-e', 'production')).toMatchObject({ exitCode: 3, code: 'IMAGE_STORE_DIRTY' });
    const withLogin = await shop.refused('mirror', 'https://ada:canary@registry.example.com', '-e', 'production');
    expect(withLogin).toMatchObject({ exitCode: 2, code: 'IMAGE_STORE_INVALID_REGISTRY' });
    expect(JSON.stringify(withLogin)).not.toContain('canary');
    expect(await shop.refused('scan', '-e', 'production')).toMatchObject({
      exitCode: 2,
      code: 'ORCHESTRATOR_NO_SCANNER',
    });
  });
});
