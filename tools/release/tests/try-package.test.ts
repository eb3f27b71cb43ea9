import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { systemClock } from '@maestro/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { checkTarball } from '../src/check-tarball.ts';
import { type LocalNpmRepository, openLocalNpmRepository } from '../src/local-npm-repository.ts';
import { readManifest } from '../src/publishable-packages.ts';
import { tryPackage } from '../src/try-package.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const context = { emit: () => undefined, clock: systemClock, signal: new AbortController().signal };
const node = { version: process.versions.node, binaries: dirname(process.execPath) };
const program = `#!/usr/bin/env node\nconsole.log(process.argv[2] === '--version' ? '1.0.0' : 'Usage: good');\n`;
const exported = (name: string) => ({ types: `./${name}.d.ts`, default: `./${name}.js` });

// npm, publint and tsc each take many times as long on a busy machine.
describe('a package that is tried', { timeout: 5 * 60_000 }, () => {
  let folder: string;
  let repository: LocalNpmRepository;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'maestro-release-test-'));
    repository = await openLocalNpmRepository();
  }, 5 * 60_000);
  afterAll(async () => {
    await repository[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  it('passes with all that it exports, alone in its project', async () => {
    const packed = await publish('good', {
      'package.json': manifest('good', { '.': exported('index') }, { bin: { good: './program.js' } }),
      'index.js': 'export const answer = 42;\n',
      'index.d.ts': 'export declare const answer: number;\n',
      'program.js': program,
    });
    const tried = await tryPackage({ ...place(), packed, node, withTypes: true }, context);
    expect(tried.problems).toEqual([]);
    expect(tried.trial).toMatchObject({ ok: true, types: true, exports: 2 });
  });

  it('is told with an export that is missing and a declaration that is wrong', async () => {
    const packed = await publish('broken', {
      'package.json': manifest('broken', { '.': exported('index'), './gone': exported('gone') }),
      'index.js': 'export const answer = 42;\n',
      'index.d.ts': 'export declare const answer: Unknown;\n',
      'gone.d.ts': 'export {};\n',
    });
    const { trial, problems } = await tryPackage({ ...place(), packed, node, withTypes: true }, context);
    expect(trial).toMatchObject({ ok: false, types: false });
    expect(problems.map(({ check }) => check)).toEqual([`Node ${node.version}`, 'types']);
    expect(problems[0]?.message).toContain('gone.js');
    expect(problems[1]?.message).toContain("Cannot find name 'Unknown'");
  });

  it('is told with what publint finds in it', async () => {
    const packed = await publish('empty', { 'package.json': manifest('empty', { '.': exported('index') }) });
    const problems = await checkTarball({ ...packed, tarball: packed.folder }, root, context);
    expect(problems.map(({ check }) => check)).toContain('publint');
  });

  function place() {
    return { root, folder, npmrc: repository.npmrc };
  }

  async function publish(shortName: string, files: Readonly<Record<string, string>>) {
    const own = join(folder, shortName);
    await mkdir(own);
    for (const [name, text] of Object.entries(files)) await writeFile(join(own, name), text);
    await repository.publish(own);
    return { shortName, folder: own, manifest: await readManifest(own), tarball: own };
  }
});

function manifest(shortName: string, exports: object, more: object = {}): string {
  return JSON.stringify({ name: `@maestro/${shortName}-example`, version: '1.0.0', type: 'module', exports, ...more });
}
