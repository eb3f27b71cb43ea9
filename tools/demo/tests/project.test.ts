import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { createProject } from '../src/project.ts';

it('copies the example into a repository whose three commits build on one another', async () => {
  const project = await createProject();
  try {
    const hashes = [await project.commit(1), await project.commit(2), await project.commit(3)];
    const git = (...args: string[]) => execFileSync('git', args, { cwd: project.folder, encoding: 'utf8' });
    expect(git('rev-list', '--reverse', 'HEAD').trim().split('\n')).toEqual(hashes);
    expect(git('status', '--short')).toBe('');
    expect(git('show', '--name-only', '--format=', hashes[1] ?? '')).toContain('migrations/0002_add_category.up.sql');
    expect(git('show', '--name-only', '--format=', hashes[2] ?? '')).toContain('services/template-service/src/api.ts');

    const committed = git('ls-files').split('\n');
    expect(committed).toContain('maestro.config.ts');
    expect(committed).not.toContain('.env');
    expect(committed).not.toContain('node_modules');
    expect(await readFile(join(project.folder, '.env'), 'utf8')).toMatch(/^API_TOKEN=[0-9a-f]{64}\n$/);
    expect(await readFile(project.config, 'utf8')).toMatch(/demo: \{[^}]*port: 0 /);
  } finally {
    await project.remove();
  }
  expect(existsSync(project.folder)).toBe(false);
});

it('adds a Dockerfile and a registry of containers, marked with what makes them go with the demo', async () => {
  const ground = {
    engine: 'unix:///var/run/docker.sock',
    repository: 'http://127.0.0.1:5000/mt-demo',
    name: 'mt0123',
    labels: { 'dev.maestro.suite': 'mt0123' },
    baseImage: 'node:24-bookworm-slim',
    user: '0:0',
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const project = await createProject({ ground });
  try {
    await project.commit(1);
    expect(project.config).toBe(join(project.folder, 'maestro.docker.config.ts'));
    expect(await readFile(join(project.folder, 'Dockerfile'), 'utf8')).toContain('LABEL "dev.maestro.suite"="mt0123"');
    const { default: registry } = (await import(project.config)) as { default: { environments: { demo: object } } };
    expect(registry).toMatchObject({
      project: 'mt0123',
      services: { gateway: { route: { path: '/' }, image: { user: '0:0' } } },
      environments: { demo: { runtime: 'docker', proxy: { workerUser: 'root' } } },
    });
    expect(Object.keys(registry.environments)).toEqual(['demo']);
  } finally {
    await project.remove();
  }
});
