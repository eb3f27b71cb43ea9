import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { loadRegistry, resolveEnvironment } from '@maestro/registry';
import { describe, expect, it } from 'vitest';

import { affectedSince } from '../../src/affected/affected-since.ts';
import type { Plan } from '../../src/index.ts';
import { configuration, createProject } from './project.ts';

describe('a deployment of what changed since a commit', () => {
  it('deploys the one service that changed, says why, leaves the others as they are, and then has nothing to do', async () => {
    await using project = await createProject();
    const { environment } = project;
    await environment.deploy();
    await project.commit({ 'services/web/version': '2', 'services/web/notes/ü "1".md': 'new', 'README.md': 'new' });
    // Would be deployed, too, if it were chosen: its secret has another version.
    await project.write({ '.env': "TOKEN='another-canary'\n" });

    const plan = await environment.plan({ affectedSince: 'HEAD~1' });
    const reasons = [{ kind: 'context', summary: 'services/web/notes/ü "1".md and 1 more changed' }];
    expect(plan.affected).toEqual([{ name: 'web', reasons }]);
    expect(plan.services).toMatchObject([
      { name: 'api', change: 'keep' },
      { name: 'web', change: 'start' },
    ]);

    const deployed = await environment.deploy({ affectedSince: 'HEAD~1', planHash: plan.hash });
    expect(deployed).toMatchObject({
      outcome: 'deployed',
      affected: plan.affected,
      services: [
        { name: 'api', slot: 'blue', changed: false },
        { name: 'web', slot: 'green', changed: true },
      ],
    });
    expect(await project.ask('web')).toMatchObject({ version: '2' });
    expect(await project.ask('api')).toMatchObject({ version: '1', token: 13 });

    await project.commit({ 'README.md': 'newer', 'services/readme': 'new' });
    expect(await environment.deploy({ affectedSince: 'HEAD~1' })).toMatchObject({
      release: null,
      outcome: 'unchanged',
      affected: [],
      services: [
        { name: 'api', slot: 'blue' },
        { name: 'web', slot: 'green' },
      ],
    });
  });

  it('chooses among the services that are named, and takes what is not committed unless a commit is', async () => {
    await using project = await createProject();
    await project.write({ 'services/web/version': '2', 'services/api/version': '2' });
    const { environment } = project;
    expect(chosen(await environment.plan({ affectedSince: 'HEAD' }))).toEqual(['api', 'web']);
    expect(chosen(await environment.plan({ affectedSince: 'HEAD', services: ['web'] }))).toEqual(['web']);
    expect(chosen(await environment.plan({ affectedSince: 'HEAD', ref: 'HEAD' }))).toEqual([]);
    await expect(environment.plan({ affectedSince: 'nowhere' })).rejects.toMatchObject({
      code: 'IMAGE_STORE_UNKNOWN_REF',
    });
  });
});

describe('a registry that changed since a commit', () => {
  it('affects the services that it defines otherwise, whichever file they are defined in', async () => {
    const web = { ...configuration.services.web, environment: { GREETING: 'bye' } };
    const before = {
      'maestro.config.yaml': JSON.stringify({ ...configuration, services: {}, include: ['all.json'] }),
      'all.json': JSON.stringify({ services: configuration.services }),
    };
    await using folder = await repository(before);
    await folder.write({ 'all.json': JSON.stringify({ services: { ...configuration.services, web } }) });
    expect(await folder.affected()).toEqual({ web: ['services.web.environment.GREETING changed'] });
    await folder.write({
      'maestro.config.yaml': JSON.stringify({ ...configuration, services: { ...configuration.services, web } }),
    });
    folder.git('rm', '--quiet', '-f', 'all.json');
    expect(await folder.affected()).toEqual({ web: ['services.web.environment.GREETING changed'] });
    folder.git('commit', '--all', '--quiet', '--message', 'moved');
    await folder.write({ 'README.md': 'new' });
    expect(await folder.affected()).toEqual({});
  });

  it('affects all services where it is a module, or imports one, that changed', async () => {
    const text = (name: string) => `export const project = '${name}';`;
    const config = `import { project } from './project.mjs';
      export default { ...${JSON.stringify(configuration)}, project };`;
    await using folder = await repository({ 'maestro.config.mjs': config, 'project.mjs': text('shop') });
    expect(await folder.affected()).toEqual({});
    await folder.write({ 'project.mjs': text('store') });
    expect(await folder.affected()).toEqual({ api: ['project.mjs changed'], web: ['project.mjs changed'] });
  });
});

describe("what git does not know by the registry's names", () => {
  const files = { 'maestro.config.json': JSON.stringify(configuration) };

  it('is found through symbolic links', async () => {
    await using folder = await repository(files);
    await rename(join(folder.path, 'services/api'), join(folder.path, 'elsewhere'));
    await symlink('../elsewhere', join(folder.path, 'services/api'));
    folder.git('add', '--all');
    folder.git('commit', '--quiet', '--message', 'linked');
    await folder.write({ 'elsewhere/version': '2' });
    expect(await folder.affected()).toEqual({ api: ['services/api/version changed'] });
  });

  it('may have changed where it is in another repository', async () => {
    await using folder = await repository({ ...files, '.gitignore': 'services/web\n' });
    execFileSync('git', ['init', '--quiet', join(folder.path, 'services/web')]);
    expect(await folder.affected()).toEqual({ web: ['services/web may have changed'] });
  });
});

describe('bases of images', () => {
  it('affect the services that start from them', async () => {
    const image = (name: string) => ({ dockerfile: `services/${name}/Dockerfile` });
    const { services } = configuration;
    const registry = {
      project: 'shop',
      bases: { node: { context: 'bases/node', dockerfile: 'bases/node/Dockerfile' } },
      services: {
        api: { ...services.api, secrets: [], image: image('api') },
        web: { ...services.web, image: image('web') },
      },
      environments: { demo: { runtime: 'docker', proxy: { port: 0 } } },
    };
    await using folder = await repository({
      'maestro.config.json': JSON.stringify(registry),
      'bases/node/Dockerfile': 'FROM node:24\n',
      'services/api/Dockerfile': 'FROM shop-node\n',
      'services/web/Dockerfile': 'FROM nginx\n',
    });
    await folder.write({ 'bases/node/Dockerfile': 'FROM node:25\n' });
    expect(await folder.affected()).toEqual({ api: ['base image node: bases/node/Dockerfile changed'] });
    await folder.write({ 'services/web/Dockerfile': 'FROM $(mistake\n' });
    expect(Object.keys(await folder.affected())).toEqual(['api', 'web']);
  });
});

function chosen({ affected = [] }: Plan): readonly string[] {
  return affected.map(({ name }) => name);
}

/** A git repository with the services' folders and these files, in one commit. */
async function repository(files: Readonly<Record<string, string>>) {
  const path = await mkdtemp(join(tmpdir(), 'maestro-affected-'));
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', ...args], { cwd: path });
  const write = async (written: Readonly<Record<string, string>>) => {
    for (const [name, contents] of Object.entries(written)) {
      await mkdir(dirname(join(path, name)), { recursive: true });
      await writeFile(join(path, name), contents);
    }
  };
  await write({ 'services/api/version': '1', 'services/web/version': '1', ...files });
  git('init', '--quiet');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'first');
  return {
    path,
    git,
    write,
    /** Since the last commit: the summaries of the reasons. */
    affected: async () => {
      const loaded = await loadRegistry({ cwd: path });
      const found = await affectedSince({
        environment: resolveEnvironment(loaded, 'demo'),
        registryFiles: loaded.files,
        since: 'HEAD',
        ref: undefined,
        signal: AbortSignal.timeout(60_000),
      });
      return Object.fromEntries(found.map(({ name, reasons }) => [name, reasons.map(({ summary }) => summary)]));
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}
