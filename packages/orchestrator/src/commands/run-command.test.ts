import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { processIdentity, systemClock } from '@maestro/core';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { runCommand } from './run-command.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'maestro-command-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function run(script: string, options: { readonly timeoutMs?: number; readonly signal?: AbortSignal } = {}) {
  const { timeoutMs = 30_000, signal = new AbortController().signal } = options;
  const variables = { PATH: process.env.PATH ?? '', WHO: 'nobody' };
  const command = ['/bin/sh', '-c', script];
  return runCommand({ command, folder, variables, input: '{"release":"r7"}', timeoutMs, clock: systemClock, signal });
}

it('gives a program its input, its variables and its folder, and keeps what it prints', async () => {
  expect(await run('cat; echo " $WHO $HOME"; pwd > here; echo warning >&2')).toMatchObject({
    passed: true,
    exit: 'exit code 0',
    output: expect.stringMatching(/\{"release":"r7"\} nobody \n/) as string,
  });
  expect(await readFile(join(folder, 'here'), 'utf8')).toContain('maestro-command-');
  expect((await run('exit 0')).passed).toBe(true);
});

it('keeps the end of a long output', async () => {
  const { output } = await run('i=0; while [ $i -lt 40000 ]; do echo "line $i"; i=$((i+1)); done');
  expect(output.length).toBeLessThanOrEqual(64 * 1024);
  expect(output.endsWith('line 39999\n')).toBe(true);
});

it('keeps no half of a line, which may be half of a secret', async () => {
  const { output } = await run('i=0; while [ $i -lt 12000 ]; do echo secret-value; i=$((i+1)); done');
  expect(new Set(output.trimEnd().split('\n'))).toEqual(new Set(['secret-value']));
  const { output: ofOneLine } = await run('head -c 100000 /dev/zero | tr "\\0" x');
  expect(ofOneLine).toBe('');
});

it.each([
  ['echo no; exit 7', { passed: false, exit: 'exit code 7', output: 'no\n' }],
  ['kill -9 $$', { passed: false, exit: 'SIGKILL' }],
])('tells how "%s" ended', async (script, outcome) => {
  expect(await run(script)).toMatchObject(outcome);
});

it('says that there is no such program', async () => {
  const variables = {};
  const common = { folder, variables, input: '', timeoutMs: 1_000, clock: systemClock };
  const outcome = runCommand({ ...common, command: ['/no/such'], signal: new AbortController().signal });
  expect(await outcome).toMatchObject({ passed: false, exit: expect.stringContaining('no such program') as string });
});

it('ends at its deadline what it has started, also behind its back', async () => {
  const outcome = await run('sleep 600 & echo $! > sleeper; echo waiting; wait', { timeoutMs: 500 });
  expect(outcome).toEqual({ passed: false, exit: 'it did not end in 500 ms', output: 'waiting\n' });
  const sleeper = Number(await readFile(join(folder, 'sleeper'), 'utf8'));
  await expect.poll(() => processIdentity(sleeper)).toBeUndefined();
});

it('leaves nothing running in the background', async () => {
  expect(await run('sleep 600 & echo $! > sleeper')).toMatchObject({ passed: true });
  const sleeper = Number(await readFile(join(folder, 'sleeper'), 'utf8'));
  await expect.poll(() => processIdentity(sleeper)).toBeUndefined();
});

it('ends it when it is given up', async () => {
  const giveUp = new AbortController();
  const running = run('sleep 600', { signal: giveUp.signal });
  giveUp.abort(new Error('given up'));
  await expect(running).rejects.toThrow('given up');
});
