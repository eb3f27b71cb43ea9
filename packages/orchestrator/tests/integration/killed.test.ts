import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { createProject } from './project.ts';
import { runAndDie } from './run-and-die.ts';

const steps = [
  'image:api',
  'secrets',
  'migrate:api',
  'start:api',
  'probe:api',
  'start:web',
  'probe:web',
  'switch',
  'drain:api',
  'stop:api',
  'record',
];
const moments = steps
  .flatMap((step) => [
    { step, moment: 'started' as const },
    { step, moment: 'finished' as const },
  ])
  .filter(({ step, moment }) => !(step === 'record' && moment === 'finished'));

describe.each(moments)('a deployer killed when $step had $moment', ({ step, moment }) => {
  const after = ['drain:api', 'stop:api', 'record'].includes(step) || (step === 'switch' && moment === 'finished');

  it.each(['resume', 'abort'] as const)('leaves every service answering, and %s ends it well', async (recovery) => {
    await using project = await createProject();
    const { environment } = project;
    const first = await environment.deploy();
    await project.commit({
      'services/api/version': '2',
      'services/web/version': '2',
      'services/api/migrations/0002_add_note.up.sql': 'ALTER TABLE orders ADD COLUMN note TEXT;\n',
    });
    await runAndDie(project, moment, step);

    const live = after ? '2' : '1';
    expect([(await project.ask('api')).version, (await project.ask('web')).version]).toEqual([live, live]);
    const { interrupted, lock } = await environment.status();
    expect(lock).toBeNull();
    expect(interrupted).toMatchObject({ kind: 'deploy', switched: after });
    await expect(environment.deploy()).rejects.toMatchObject({ code: 'ORCHESTRATOR_INTERRUPTED' });

    const result = await environment[recovery]();
    expect(result.outcome).toBe(recovery === 'resume' ? 'deployed' : 'aborted');
    const expected = recovery === 'resume' ? '2' : '1';
    expect([(await project.ask('api')).version, (await project.ask('web')).version]).toEqual([expected, expected]);
    const status = await environment.status();
    expect(status.interrupted).toBeNull();
    for (const service of status.services) {
      expect(service.live?.healthy).toBe(true);
      expect(service.idle?.state).not.toBe('running');
    }
    const outcomes = (await environment.history()).map(({ outcome }) => outcome);
    expect(outcomes).toContain(recovery === 'resume' ? 'deployed' : 'aborted');
    await expect(environment[recovery]()).rejects.toMatchObject({ code: 'ORCHESTRATOR_NOTHING_INTERRUPTED' });

    if (recovery === 'abort') expect(status.services[0]?.live?.digest).toBe(first.services[0]?.digest);
    expect(await environment.deploy()).toMatchObject({ outcome: recovery === 'resume' ? 'unchanged' : 'deployed' });
  });
});

it('has nothing to recover once it is recorded, though killed before it could say so', async () => {
  await using project = await createProject();
  const { environment } = project;
  await runAndDie(project, 'finished', 'record');
  expect((await environment.status()).interrupted).toBeNull();
  expect(await environment.history()).toMatchObject([{ outcome: 'deployed' }]);
  expect(await environment.deploy()).toMatchObject({ outcome: 'unchanged' });
});

it('can be killed again while it recovers', async () => {
  await using project = await createProject();
  const { environment } = project;
  await environment.deploy();
  await project.commit({ 'services/api/version': '2', 'services/web/version': '2' });
  await runAndDie(project, 'finished', 'start:api');
  await runAndDie(project, 'finished', 'probe:web', 'resume');
  expect(await project.ask('api')).toMatchObject({ version: '1' });
  await runAndDie(project, 'finished', 'switch', 'resume');
  expect(await project.ask('api')).toMatchObject({ version: '2' });
  await runAndDie(project, 'finished', 'switch', 'abort');
  expect(await project.ask('api')).toMatchObject({ version: '1' });
  expect((await environment.status()).interrupted).toMatchObject({ kind: 'rollback', switched: true });
  expect(await environment.resume()).toMatchObject({ outcome: 'rolled-back' });
  expect((await environment.status()).interrupted).toBeNull();
  expect(await project.ask('web')).toMatchObject({ version: '1' });
});

it('goes on serving when the daemon is killed: the next deployment finds its services and puts a proxy before them', async () => {
  await using project = await createProject();
  const { environment } = project;
  await environment.deploy();
  const before = await environment.status();
  const log = await readFile(join(project.folder, '.maestro/demo/daemon.log'), 'utf8');
  process.kill(Number(/"pid":(\d+)/.exec(log)?.[1]), 'SIGKILL');
  await expect.poll(async () => (await environment.status()).url).toBeNull();

  const without = await environment.status();
  expect(without.services.map(({ live }) => [live?.state, live?.since])).toEqual(
    before.services.map(({ live }) => ['running', live?.since]),
  );
  expect((await environment.plan()).steps).toEqual([]);

  expect(await environment.deploy()).toMatchObject({ outcome: 'unchanged' });
  const after = await environment.status();
  expect(after).toEqual(before);
  expect(await project.ask('web')).toMatchObject({ version: '1' });

  await project.commit({ 'services/web/version': '2' });
  expect(await environment.deploy()).toMatchObject({ outcome: 'deployed' });
  expect(await project.ask('web')).toMatchObject({ version: '2' });
});

it('still knows of a release that was cut off when undoing it failed, and can try again', async () => {
  await using project = await createProject();
  const { environment } = project;
  await environment.deploy();
  await project.commit({ 'services/api/version': '2' });
  await runAndDie(project, 'finished', 'stop:api');
  const cutOff = (await environment.status()).interrupted;

  const poison = join(project.folder, '.maestro/demo/data/api.db.poison');
  await writeFile(poison, '');
  await expect(environment.abort()).rejects.toMatchObject({ code: 'ORCHESTRATOR_RELEASE_REFUSED' });
  expect((await environment.status()).interrupted).toEqual(cutOff);
  expect(await project.ask('api')).toMatchObject({ version: '2' });

  await rm(poison);
  expect(await environment.abort()).toMatchObject({ outcome: 'aborted' });
  expect((await environment.status()).interrupted).toBeNull();
  expect(await project.ask('api')).toMatchObject({ version: '1' });
});
