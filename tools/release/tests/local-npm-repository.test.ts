import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { systemClock } from '@maestro/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type LocalNpmRepository, openLocalNpmRepository } from '../src/local-npm-repository.ts';
import { runProgram } from '../src/run-program.ts';

const publishedName = '@maestro/example-of-a-package';

// npm takes many times as long on a busy machine.
describe('the local npm repository', { timeout: 5 * 60_000 }, () => {
  let folder: string;
  let repository: LocalNpmRepository;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'maestro-release-test-'));
    repository = await openLocalNpmRepository();
    await writePackage(join(folder, 'published'));
    await repository.publish(join(folder, 'published'));
  }, 5 * 60_000);
  afterAll(async () => {
    await repository[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  it('installs what was published to it', async () => {
    const consumer = join(folder, 'consumer');
    await mkdir(consumer);
    await writeFile(join(consumer, '.npmrc'), repository.npmrc);
    await writeFile(join(consumer, 'package.json'), '{}');
    await npm(consumer, ['install', publishedName]);
    expect(existsSync(join(consumer, 'node_modules', publishedName, 'index.js'))).toBe(true);
  });

  it('refuses a version that it has', async () => {
    await expect(repository.publish(join(folder, 'published'))).rejects.toMatchObject({
      code: 'RELEASE_PROGRAM_FAILED',
    });
  });

  it('does not ask elsewhere for packages of this project', async () => {
    const answer = await fetch(new URL('@maestro%2fcore', repository.url));
    expect(answer.status).toBe(404);
  });

  it('is gone when it is disposed of', async () => {
    const short = await openLocalNpmRepository();
    await short[Symbol.asyncDispose]();
    await expect(fetch(short.url)).rejects.toThrow();
  });
});

async function writePackage(folder: string): Promise<void> {
  await mkdir(folder);
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: publishedName, version: '1.0.0' }));
  await writeFile(join(folder, 'index.js'), 'exports.answer = 42;\n');
}

async function npm(folder: string, args: readonly string[]): Promise<void> {
  await runProgram({ program: 'npm', args, folder, deadlineMs: 4 * 60_000, clock: systemClock });
}
