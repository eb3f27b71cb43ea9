import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Redacted } from '@maestro/core';
import { expect, it } from 'vitest';

import type { JobSpec } from '../../src/ports/job-runner.ts';
import { openForTest, until } from './environment.ts';

const deployer = fileURLToPath(new URL('../fixtures/job-deployer.ts', import.meta.url));

function jobSpec(script: string, release = 'r1'): JobSpec & { readonly timeoutMs: number } {
  return {
    service: 'import',
    job: 'run',
    release,
    image: 'shop-import:demo-abc1234',
    digest: 'sha256:one',
    configHash: 'c1',
    command: ['/bin/sh', '-c', script],
    environment: { NAME: 'rows' },
    secrets: {},
    timeoutMs: 30_000,
  };
}

it('runs jobs to their end, whatever that is, with their variables and secrets', async () => {
  const environment = await openForTest();
  const { jobs } = environment.embedded;
  const good = {
    ...jobSpec('echo "begun $NAME ${#PASSWORD}"; echo warning >&2'),
    secrets: { PASSWORD: new Redacted('four') },
  };
  expect(await jobs.run(good)).toEqual({ exitCode: 0, exit: 'exit code 0', lines: ['begun rows 4', 'warning'] });
  expect(await jobs.run(jobSpec('echo no; exit 7'))).toEqual({ exitCode: 7, exit: 'exit code 7', lines: ['no'] });
  expect(await jobs.run(jobSpec('kill -9 $$'))).toMatchObject({ exitCode: 137, exit: 'SIGKILL' });
  expect(await jobs.run({ ...jobSpec(''), command: ['/no/such/program'] })).toMatchObject({ exitCode: 127 });
  expect(await readdir(join(environment.folder, 'jobs'))).toEqual([]);
});

it('ends a job that takes too long, and one that is given up, with what it has started', async () => {
  const environment = await openForTest();
  const { jobs } = environment.embedded;
  const slow = jobSpec('echo waiting; sleep 600 & echo $! > sleeper; wait');
  await expect(jobs.run({ ...slow, timeoutMs: 1_000 })).rejects.toMatchObject({
    code: 'BLUEGREEN_JOB_TIMEOUT',
    details: { log: ['waiting'] },
  });
  const giveUp = new AbortController();
  const running = jobs.run(slow, { signal: giveUp.signal });
  const sleeper = join(environment.folder, '..', 'sleeper');
  await until(async () => (await readFile(sleeper, 'utf8').catch(() => '')) !== '');
  giveUp.abort(new Error('given up'));
  await expect(running).rejects.toThrow('given up');
  const pid = Number(await readFile(sleeper, 'utf8'));
  await until(() => Promise.resolve(!isAlive(pid)));
});

it('waits for a job whose deployer was killed, and tells how it ended although nobody saw it', async () => {
  const environment = await openForTest();
  const { jobs } = environment.embedded;
  const root = join(environment.folder, '..');
  const script = 'echo begun >> runs; while [ ! -e go ]; do sleep 0.05; done; echo ended; exit 3';
  const child = spawn(
    process.execPath,
    [
      '--conditions=@maestro/source',
      '--disable-warning=ExperimentalWarning',
      deployer,
      environment.folder,
      root,
      script,
    ],
    { stdio: 'ignore' },
  );
  await until(async () => (await readFile(join(root, 'runs'), 'utf8').catch(() => '')) !== '');
  await untilRecorded(environment.folder);
  child.kill('SIGKILL');
  await once(child, 'exit');

  await expect(jobs.run(jobSpec(script, 'r2'))).rejects.toMatchObject({ code: 'BLUEGREEN_SLOT_BUSY' });
  const waiting = jobs.run(jobSpec(script));
  await writeFile(join(root, 'go'), '');
  expect(await waiting).toEqual({ exitCode: 3, exit: 'exit code 3', lines: ['ended'] });
  expect(await readFile(join(root, 'runs'), 'utf8')).toBe('begun\n');
});

it('begins no job that it cannot write down', async () => {
  const environment = await openForTest();
  const { jobs } = environment.embedded;
  const record = join(environment.folder, 'jobs', 'import.job-run.json');
  await mkdir(record, { recursive: true });
  const job = jobSpec('echo begun >> runs');
  await expect(jobs.run(job)).rejects.toMatchObject({ code: 'EISDIR' });
  await rmdir(record);
  expect(await jobs.run(job)).toMatchObject({ exitCode: 0 });
  expect(await readFile(join(environment.folder, '..', 'runs'), 'utf8')).toBe('begun\n');
});

it('ends the jobs that run when the environment is stopped', async () => {
  const environment = await openForTest();
  const { jobs } = environment.embedded;
  const running = jobs.run(jobSpec('echo $$ > pid; sleep 600'));
  const file = join(environment.folder, '..', 'pid');
  await until(async () => (await readFile(file, 'utf8').catch(() => '')) !== '');
  await untilRecorded(environment.folder);
  await environment.embedded.shutdown();
  const pid = Number(await readFile(file, 'utf8'));
  await until(() => Promise.resolve(!isAlive(pid)));
  expect(await running).toMatchObject({ exit: expect.stringMatching(/^SIG(TERM|KILL)$/) as string });
});

/** Before that nobody else can know of a job that has begun. */
function untilRecorded(stateFolder: string): Promise<void> {
  return until(async () => (await readdir(join(stateFolder, 'jobs'))).includes('import.job-run.json'));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
