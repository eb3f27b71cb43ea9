import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { configuration, createProject, type Project } from './project.ts';
import { runAndDie } from './run-and-die.ts';

/** Of the service `web`, whose first one is deployed already. */
async function deployVersions(project: Project, { upTo }: { readonly upTo: number }): Promise<void> {
  for (let version = 2; version <= upTo; version += 1) {
    await project.commit({ 'services/web/version': `${version}` });
    await project.environment.deploy({ services: ['web'] });
  }
}

it(
  'removes the images and their files that no release, no instance and no tag needs',
  { timeout: 120_000 },
  async () => {
    await using project = await createProject();
    const { environment } = project;
    await environment.deploy();
    await deployVersions(project, { upTo: 14 });
    const unpacked = () => readdir(join(project.folder, '.maestro', 'demo', 'unpacked', 'shop-web'));
    const before = await environment.images.list();
    const history = await environment.history();

    const said = await environment.images.prune({ dryRun: true });
    // The newest 10 releases are of versions 5 to 14; the oldest of them names version 4 as the one before it.
    expect(said.remove.map(({ repository }) => repository)).toEqual(['shop-web', 'shop-web', 'shop-web']);
    expect(said.freedBytes).toBe(said.remove.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
    expect(await environment.images.list()).toEqual(before);

    const { removed } = await environment.images.prune({ dryRun: false });
    expect(removed).toEqual(said.remove);
    expect(await environment.images.list()).toHaveLength(before.length - removed.length);
    const folders = await unpacked();
    for (const { digest } of removed) expect(folders).not.toContain(digest.replace(':', '-'));

    // Everything that is remembered can still be returned to, without a build.
    const oldest = history.at(-1)?.id ?? '';
    await environment.rollback({ to: oldest });
    expect(await project.ask('web')).toMatchObject({ version: '5' });
  },
);

it('keeps what was given a tag, and as much as the registry says', { timeout: 120_000 }, async () => {
  const demo = { ...configuration.environments.demo, retention: { releases: 11, images: 13 } };
  await using project = await createProject({ configuration: () => ({ ...configuration, environments: { demo } }) });
  const { environment } = project;
  await environment.deploy();
  const [first] = (await environment.images.list()).filter(({ repository }) => repository === 'shop-web');
  const tagged = await environment.images.tag({ service: 'web', image: first?.tags.at(-1) ?? '', tag: 'stable' });
  expect(tagged).toMatchObject({ digest: first?.digest, tags: expect.arrayContaining(['stable']) as string[] });
  await deployVersions(project, { upTo: 14 });

  expect(await environment.history()).toHaveLength(11);
  const { removed, keep } = await environment.images.prune({ dryRun: false });
  // Of versions 4 to 14 there are releases, the oldest of which names version 3 as the one before it.
  expect(removed).toEqual([]);
  expect(keep.filter(({ because }) => because === 'among the newest 13')).toHaveLength(1);
  expect(keep).toContainEqual({
    image: expect.objectContaining({ place: 'folder', digest: first?.digest }) as object,
    because: 'tag stable',
  });
  await expect(environment.images.tag({ service: 'web', image: 'demo-0000000', tag: 'stable' })).rejects.toMatchObject({
    code: 'IMAGE_STORE_UNKNOWN_IMAGE',
    hint: expect.stringMatching(/^choose one of: .*demo-/) as string,
  });
});

it('is refused while a release was cut off, whose images no history knows yet', async () => {
  await using project = await createProject();
  const { environment } = project;
  await environment.deploy();
  await project.commit({ 'services/web/version': '2' });
  await runAndDie(project, 'finished', 'probe:web');
  const before = await environment.images.list();
  await expect(environment.images.prune({ dryRun: false })).rejects.toMatchObject({ code: 'ORCHESTRATOR_INTERRUPTED' });
  expect(await environment.images.list()).toEqual(before);
  expect((await environment.resume()).outcome).toBe('deployed');
});
