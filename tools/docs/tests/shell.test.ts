import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { systemClock } from '@maestro/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { Shell } from '../src/walkthrough/shell.ts';

describe('a shell of a walkthrough', () => {
  let folder: string;
  let shell: Shell;
  const run = async (text: string, deadlineMs = 30_000) => await shell.run(text, { deadlineMs });

  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'shell-')));
    const scripts = join(folder, 'scripts');
    await mkdir(scripts);
    shell = new Shell({ folder, scripts, environment: { PATH: process.env.PATH }, clock: systemClock });
  });
  afterEach(async () => {
    await shell[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  it('keeps folder, variables, functions and jobs from block to block', async () => {
    await run('mkdir shop && cd shop\nname=reader\ngreet() { echo "hello $1"; }\nsleep 60 &');
    expect(await run('pwd; greet "$name"; kill $!; echo ended')).toEqual({
      exitCode: 0,
      printed: `${folder}/shop\nhello reader\nended\n`,
    });
    expect(await shell.folder()).toBe(join(folder, 'shop'));
  });

  it.each([
    ['a command', 'echo a; false; echo no', 'a\n', 1],
    ['the code of the command', 'sh -c "exit 3"; echo no', '', 3],
    ['a part of a pipe', 'sh -c "exit 3" | cat; echo no', '', 3],
    ['a subshell', '(echo a; false; echo no); echo no', 'a\n', 1],
    ['a substitution', 'value=$(false; echo no); echo no', '', 1],
    ['a function', 'f() { echo in; false; echo no; }; f; echo no', 'in\n', 1],
    ['a function in a function', 'f() { false; echo no; }; g() { f; echo no; }; g; echo no', '', 1],
  ])('ends a block with %s that fails, and goes on with the next', async (_, text, printed, exitCode) => {
    expect(await run(text)).toEqual({ exitCode, printed });
    expect(await run('echo next')).toEqual({ exitCode: 0, printed: 'next\n' });
  });

  it('goes on where a failure is handled', async () => {
    expect(await run('false || echo caught; if false; then echo no; fi; ! true; echo on')).toEqual({
      exitCode: 0,
      printed: 'caught\non\n',
    });
  });

  it('fails for a variable that is not set, and runs nothing after that', async () => {
    expect(await run('echo $nowhere')).toMatchObject({ exitCode: 1 });
    expect(await run('echo next')).toMatchObject({ exitCode: 1, printed: '' });
  });

  it('says that a block did not end in time, with what it printed', async () => {
    expect(await run('echo begun; sleep 60', 500)).toEqual({ exitCode: null, printed: 'begun\n' });
  });
});
