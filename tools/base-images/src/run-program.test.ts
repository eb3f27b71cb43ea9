import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { expect, it, onTestFinished } from 'vitest';

import { runContained, runProgram } from './run-program.ts';

it('gives what a program writes to its standard output', async () => {
  expect(await runProgram(['sh', '-c', 'echo out; echo err >&2'], {})).toBe('out\n');
});

it('tells the end of everything that a failed program said', async () => {
  await expect(runProgram(['sh', '-c', 'seq 9; echo no mirror >&2; exit 3'], {})).rejects.toMatchObject({
    code: 'BASE_IMAGE_BUILD_FAILED',
    message: expect.stringMatching(/failed: 6\n7\n8\n9\nno mirror$/) as string,
    hint: expect.stringContaining('curl -I http://deb.debian.org/debian/') as string,
  });
});

it('tells that a program is not installed', async () => {
  await expect(runProgram(['no-such-program'], {})).rejects.toMatchObject({
    code: 'BASE_IMAGE_BUILD_FAILED',
    message: expect.stringContaining('ENOENT') as string,
  });
});

it.runIf(process.getuid?.() === 0)(
  'ends also the processes that a program has started, before it rejects',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'maestro-base-images-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const [started, outlived] = [join(folder, 'started'), join(folder, 'outlived')];
    const reason = new Error('enough');
    const abort = new AbortController();
    // The grandchild survives its parent, unless it is ended with it.
    const grandchild = `setsid sh -c 'touch ${started}; sleep 1; touch ${outlived}'`;
    const running = runContained(['sh', '-c', `${grandchild} & wait`], { signal: abort.signal });
    while (!existsSync(started)) await delay(10);
    abort.abort(reason);
    await expect(running).rejects.toBe(reason);
    await delay(1500);
    expect(existsSync(outlived)).toBe(false);
  },
);

it('starts nothing when it is aborted already', async () => {
  const reason = new Error('enough');
  await expect(runProgram(['no-such-program'], { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});
