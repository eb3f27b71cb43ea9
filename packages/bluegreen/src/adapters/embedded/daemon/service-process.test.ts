import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { poll, processIdentity, systemClock } from '@maestro/core';
import { expect, it, onTestFinished } from 'vitest';

import { adopt, launch, terminate } from './service-process.ts';

const forever = 'setInterval(() => {}, 1000);';

async function folder() {
  const path = await mkdtemp(join(tmpdir(), 'maestro-process-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

/** Runs a script as a service that ends with the test, and waits until it has printed something. */
async function run(script: string, logFile: string, variables: Readonly<Record<string, string>> = {}) {
  const command = [process.execPath, '-e', script];
  const started = await launch({ name: 'api.blue', command, folder: tmpdir(), variables, logFile });
  onTestFinished(() => terminate(started, 0, systemClock));
  const outcome = await poll({
    probe: () => readFile(logFile, 'utf8'),
    accept: (text) => text.endsWith('\n'),
    intervalMs: 5,
    deadlineMs: 10_000,
    clock: systemClock,
  });
  return { started, printed: outcome.value ?? '' };
}

it('gives a service its own variables and none of the deployer’s', async () => {
  process.env.OF_THE_DEPLOYER = 'yes';
  onTestFinished(() => {
    delete process.env.OF_THE_DEPLOYER;
  });
  const { printed } = await run('console.log(JSON.stringify(process.env))', join(await folder(), 'log'), { PORT: '1' });
  expect(JSON.parse(printed)).toMatchObject({ PORT: '1', PATH: expect.any(String) as string });
  expect(printed).not.toContain('OF_THE_DEPLOYER');
});

it('tells how a service ended', async () => {
  const { started } = await run('console.log(1); process.exitCode = 3;', join(await folder(), 'log'));
  expect(await started.ended).toBe('exit code 3');
});

it('keeps the log of the run before', async () => {
  const log = join(await folder(), 'log');
  await run('console.log("first")', log);
  await run('console.error("second")', log);
  expect(await readFile(log, 'utf8')).toBe('second\n');
  expect(await readFile(`${log}.1`, 'utf8')).toBe('first\n');
});

it('asks a service to end, and lets it', async () => {
  const script = `process.on('SIGTERM', () => setTimeout(() => process.exit(0), 50)); ${forever} console.log(1)`;
  const { started } = await run(script, join(await folder(), 'log'));
  await terminate(started, 10_000, systemClock);
  expect(await started.ended).toBe('exit code 0');
});

it('forces a service to end that does not, and its children with it', async () => {
  const script = `
    const child = require('node:child_process').spawn(process.execPath, ['-e', '${forever}']);
    process.on('SIGTERM', () => {}); ${forever} console.log(child.pid)`;
  const { started, printed } = await run(script, join(await folder(), 'log'));
  await terminate(started, 50, systemClock);
  expect(await started.ended).toBe('SIGKILL');
  expect(await ended(Number(printed))).toBe(true);
});

it('ends the children of a service that ended by itself', async () => {
  const script = `
    const child = require('node:child_process').spawn(process.execPath, ['-e', '${forever}'], { stdio: 'ignore' });
    console.log(child.pid); setTimeout(() => process.exit(1), 50);`;
  const { started, printed } = await run(script, join(await folder(), 'log'));
  await started.ended;
  expect(await ended(Number(printed))).toBe(true);
});

it('adopts a process only when it is still the same one', async () => {
  const { started } = await run(`${forever} console.log(1)`, join(await folder(), 'log'));
  expect(await adopt({ pid: started.pid, identity: 'another' }, systemClock)).toBeUndefined();
  const adopted = await adopt(started, systemClock);
  process.kill(started.pid, 'SIGKILL');
  expect(await adopted?.ended).toBe('ended while no daemon was its parent');
  expect(await adopt(started, systemClock)).toBeUndefined();
});

it.each([
  ['a program that is not there', ['/no/such/program'], tmpdir(), /api\.blue cannot be started: .*ENOENT/],
  ['a file that is no program', [tmpdir()], tmpdir(), /api\.blue cannot be started: .*EACCES/],
])('refuses %s', async (_, command, cwd, message) => {
  const launching = launch({
    name: 'api.blue',
    command,
    folder: cwd,
    variables: {},
    logFile: join(await folder(), 'log'),
  });
  await expect(launching).rejects.toMatchObject({
    code: 'BLUEGREEN_START_FAILED',
    message: expect.stringMatching(message) as string,
    hint: expect.stringContaining(command[0] ?? '') as string,
  });
});

async function ended(pid: number): Promise<boolean> {
  const outcome = await poll({
    probe: () => processIdentity(pid),
    accept: (identity) => identity === undefined,
    intervalMs: 5,
    deadlineMs: 5_000,
    clock: systemClock,
  });
  return outcome.accepted;
}
