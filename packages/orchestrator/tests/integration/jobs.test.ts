import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect, it } from 'vitest';

import type { ReleaseEvent } from '../../src/index.ts';
import { configuration, createProject, type Project } from './project.ts';

const deployer = fileURLToPath(new URL('../fixtures/deployer.ts', import.meta.url));

/** Tells what it was started with; waits, or fails, where a file beside the project's configuration says so. */
const program = `
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
const root = process.env.ROOT;
appendFileSync(root + '/runs', process.env.MAESTRO_RELEASE + ' ' + process.env.TOKEN.length + '\\n');
appendFileSync(root + '/pids', process.pid + '\\n');
while (existsSync(root + '/wait')) await new Promise((resolve) => setTimeout(resolve, 20));
console.log('imported with', process.env.TOKEN);
if (existsSync(root + '/fail')) process.exit(3);
`;

async function projectWithJob(): Promise<Project> {
  const { api, web } = configuration.services;
  const job = {
    context: 'services/import',
    command: ['node', 'import.mjs'],
    strategy: 'job',
    secrets: ['TOKEN'],
    dependsOn: ['api'],
  };
  return await createProject({
    configuration: (folder) => ({
      ...configuration,
      services: {
        api,
        import: { ...job, environment: { ROOT: folder } },
        web: { ...web, dependsOn: ['import'] },
      },
    }),
    files: { 'services/import/import.mjs': program },
  });
}

async function runs(project: Project): Promise<readonly string[]> {
  const text = await readFile(join(project.folder, 'runs'), 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line !== '');
}

it('runs once in each release, before what depends on it starts, and in no rollback', async () => {
  await using project = await projectWithJob();
  const { environment } = project;
  expect((await environment.status()).jobs).toEqual([{ name: 'import', last: null }]);

  const events: ReleaseEvent[] = [];
  const first = await environment.deploy({ onEvent: (event) => events.push(event) });
  const finished = events.flatMap((event) => (event.type === 'step-finished' ? [event.step.id] : []));
  const order = ['migrate:api', 'start:api', 'probe:api', 'job:import', 'start:web', 'switch'];
  expect(finished.filter((id) => order.includes(id))).toEqual(order);
  expect(await runs(project)).toEqual([`${first.release ?? ''} 13`]);
  expect(events).toContainEqual(
    expect.objectContaining({ type: 'step-progress', message: 'import: imported with [redacted]' }),
  );
  const { jobs, services, drift } = await environment.status();
  expect(jobs).toMatchObject([{ name: 'import', last: { release: first.release, state: 'done', reason: null } }]);
  expect(services.map(({ name }) => name)).toEqual(['api', 'web']);
  expect(drift).toEqual([]);

  expect(await environment.deploy()).toMatchObject({ outcome: 'unchanged' });
  await project.commit({ 'services/web/version': '2' });
  await environment.deploy();
  expect(await runs(project)).toHaveLength(2);
  await project.commit({ 'services/web/version': '3' });
  await environment.deploy({ services: ['web'] });
  expect(await runs(project)).toHaveLength(2);

  // A change of the job alone is a release, too.
  await project.commit({ 'services/import/import.mjs': `${program}\n// mended\n` });
  const plan = await environment.plan();
  expect(plan.steps.map(({ id }) => id)).toEqual(['image:import', 'secrets', 'job:import', 'switch', 'record']);
  expect(plan.services).toMatchObject([{ change: 'keep' }, { name: 'import', change: 'run' }, { change: 'keep' }]);
  await environment.deploy();
  expect(await runs(project)).toHaveLength(3);

  await environment.rollback({ to: first.release ?? '' });
  expect(await project.ask('web')).toMatchObject({ version: '1' });
  expect(await runs(project)).toHaveLength(3);
});

it('refuses the release where it fails, with what it printed, before anybody is started that needs it', async () => {
  await using project = await projectWithJob();
  const { environment } = project;
  await project.write({ fail: '' });
  const refused = await environment.deploy().catch((error: unknown) => error as Error);
  expect(refused).toMatchObject({
    code: 'ORCHESTRATOR_RELEASE_REFUSED',
    message: expect.stringMatching(
      /the job import failed: it ended with exit code 3; it printed last:\n {2}imported with \[redacted\]/,
    ) as string,
    details: { reasonCode: 'ORCHESTRATOR_JOB_FAILED' },
  });
  const { jobs, services } = await environment.status();
  expect(jobs).toMatchObject([{ last: { state: 'failed', reason: expect.stringContaining('exit code 3') as string } }]);
  expect(services.map(({ live, idle }) => [live, idle?.state ?? null])).toEqual([
    [null, 'stopped'],
    [null, null],
  ]);
});

it.each(['resume', 'abort'] as const)(
  'goes on while its deployer is killed, and is ended well by %s',
  async (recovery) => {
    await using project = await projectWithJob();
    const { environment } = project;
    await project.write({ wait: '' });
    const child = spawn(
      process.execPath,
      [
        ...['--conditions=@maestro/source', '--disable-warning=ExperimentalWarning'],
        ...[deployer, project.config, 'deploy', 'finished', 'none'],
      ],
      { stdio: ['ignore', 'inherit', 'inherit'] },
    );
    await expect.poll(async () => (await runs(project)).length, { timeout: 60_000 }).toBe(1);
    // It is written down once it has begun.
    const record = join(project.folder, '.maestro/demo/jobs/import.job-run.json');
    await expect.poll(() => readFile(record, 'utf8').catch(() => ''), { timeout: 60_000 }).not.toBe('');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect((await environment.status()).jobs).toMatchObject([{ last: { state: 'running' } }]);

    if (recovery === 'resume') {
      const resuming = environment.resume();
      await rm(join(project.folder, 'wait'));
      expect(await resuming).toMatchObject({ outcome: 'deployed' });
      expect(await runs(project)).toHaveLength(1);
    } else {
      expect(await environment.abort()).toMatchObject({ outcome: 'aborted' });
      const pid = Number((await readFile(join(project.folder, 'pids'), 'utf8')).trim());
      await expect.poll(() => isAlive(pid), { timeout: 60_000 }).toBe(false);
      await rm(join(project.folder, 'wait'));
      expect(await environment.deploy()).toMatchObject({ outcome: 'deployed' });
      expect(await runs(project)).toHaveLength(2);
    }
  },
);

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
