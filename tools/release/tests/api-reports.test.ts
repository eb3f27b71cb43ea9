import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { systemClock } from '@maestro/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { checkApiReports } from '../src/api-reports.ts';
import { publishablePackages } from '../src/publishable-packages.ts';

const repository = join(import.meta.dirname, '..', '..', '..');
const context = { emit: () => undefined, clock: systemClock, signal: new AbortController().signal };

describe('API reports', { timeout: 5 * 60_000 }, () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'maestro-release-test-'));
    await mkdir(join(root, 'packages', 'box', 'dist'), { recursive: true });
    await symlink(join(repository, 'node_modules'), join(root, 'node_modules'));
    const exports = Object.fromEntries(
      ['.', './lid', './program'].map((path) => {
        const name = path === '.' ? 'index' : path.slice(2);
        return [path, { types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` }];
      }),
    );
    await write('packages/box/package.json', JSON.stringify({ name: '@maestro/box', version: '1.0.0', exports }));
    await write('packages/box/dist/index.d.ts', 'export declare function open(name: string): void;\n');
    await write('packages/box/dist/lid.d.ts', 'export interface Lid {\n  readonly name: string;\n}\n');
    await write('packages/box/dist/program.d.ts', '#!/usr/bin/env node\n');
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it('are one for each entry that is a module, and show its declarations', async () => {
    expect(await check({ update: true })).toEqual({ subjects: 2, problems: [] });
    expect(await readFile(join(root, 'etc/api/box.api.md'), 'utf8')).toContain(
      'export function open(name: string): void;',
    );
    expect(await readFile(join(root, 'etc/api/box.lid.api.md'), 'utf8')).toContain('export interface Lid {');
  });

  it('are right as long as only what cannot be seen from outside changes', async () => {
    await check({ update: true });
    await write(
      'packages/box/dist/index.d.ts',
      '/** Opens it. */\nexport declare function open(name: string): void;\n',
    );
    expect(await check({ update: false })).toEqual({ subjects: 2, problems: [] });
  });

  it('are wrong once the API has changed, and the difference is shown', async () => {
    await check({ update: true });
    await write('packages/box/dist/index.d.ts', 'export declare function open(name: string, wide: boolean): void;\n');
    const { problems } = await check({ update: false });
    expect(problems.map(({ subject }) => subject)).toEqual(['etc/api/box.api.md']);
    expect(problems[0]?.message).toContain('\n-export function open(name: string): void;\n');
    expect(problems[0]?.message).toContain('\n+export function open(name: string, wide: boolean): void;\n');
    expect(problems[0]?.hint).toContain('check --update');
  });

  it('are missed where there is none, and too many where its entry is gone', async () => {
    await check({ update: true });
    await rm(join(root, 'etc/api/box.api.md'));
    await write('etc/api/box.handle.api.md', 'something\n');
    const { problems } = await check({ update: false });
    expect(problems.map(({ subject }) => subject)).toEqual(['etc/api/box.api.md', 'etc/api/box.handle.api.md']);
  });

  async function check({ update }: { readonly update: boolean }) {
    return await checkApiReports({ root, packages: await publishablePackages(root), update }, context);
  }

  async function write(path: string, text: string): Promise<void> {
    await writeFile(join(root, path), text);
  }
});
