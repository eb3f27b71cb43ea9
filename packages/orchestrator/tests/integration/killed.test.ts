import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { recordFaults } from '@maestro/services/faults';
import { describe, expect, it } from 'vitest';

import { configuration, createProject, type Project } from './project.ts';
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
    const answered = await versions(project);
    recordAnswers('deployer killed (SIGKILL) before or after a step, embedded', { answered, live });
    expect(answered).toEqual([live, live]);
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

    recordRecovery('deployer killed (SIGKILL) before or after a step, embedded', status);
    if (recovery === 'abort') expect(status.services[0]?.live?.digest).toBe(first.services[0]?.digest);
    expect(await environment.deploy()).toMatchObject({ outcome: recovery === 'resume' ? 'unchanged' : 'deployed' });
  });
});

/** Steps that call what a project has of its own; each writes a line. */
const calls = {
  'gate:api:unit': 'before',
  'job:import': 'before',
  'gate:api:smoke': 'before',
  'hook:before-switch:1': 'before',
  'hook:after-switch:1': 'after',
} as const;

// To undo it, it makes no difference whether the call had begun.
const killedCalls = Object.entries(calls).flatMap(([step, place]) =>
  [
    { moment: 'started', recovery: 'resume' } as const,
    { moment: 'finished', recovery: 'resume' } as const,
    { moment: 'finished', recovery: 'abort' } as const,
  ].map((end) => ({ step, place, ...end })),
);

function projectWithCalls(): Promise<Project> {
  const { api, web } = configuration.services;
  const { demo } = configuration.environments;
  return createProject({
    configuration: (folder) => {
      const call = (name: string) => ({ command: ['/bin/sh', '-c', `echo ${name} >> ${folder}/calls`] });
      const gates = { unit: call('gate:api:unit'), smoke: { ...call('gate:api:smoke'), after: 'probe' } };
      const hooks = { beforeSwitch: [call('hook:before-switch:1')], afterSwitch: [call('hook:after-switch:1')] };
      const job = { context: 'services/import', ...call('job:import'), strategy: 'job' };
      return {
        ...configuration,
        services: { api: { ...api, gates }, import: job, web: { ...web, dependsOn: ['import'] } },
        environments: { demo: { ...demo, hooks } },
      };
    },
    files: { 'services/import/nothing': '' },
  });
}

it(
  'calls gates, hooks and jobs at least once, and none again that its journal says to be done',
  { timeout: 300_000 },
  async () => {
    await using project = await projectWithCalls();
    const { environment } = project;
    const file = join(project.folder, 'calls');
    await environment.deploy();
    let live = '1';
    for (const [index, { step, place, moment, recovery }] of killedCalls.entries()) {
      const what = `${recovery} of a deployer killed when ${step} had ${moment}`;
      const next = String(index + 2);
      await project.commit({ 'services/api/version': next, 'services/web/version': next });
      await rm(file, { force: true });
      await runAndDie(project, moment, step);
      const answered = await versions(project);
      const expectedNow = place === 'after' ? next : live;
      recordAnswers('deployer killed (SIGKILL) before or after a gate, hook or job', { answered, live: expectedNow });
      expect(answered, what).toEqual([expectedNow, expectedNow]);
      const { interrupted } = await environment.status();
      expect(interrupted, what).toMatchObject({ kind: 'deploy', switched: place === 'after' });

      const before = await readFile(file, 'utf8').catch(() => '');
      const result = await environment[recovery]();
      expect(result.outcome, what).toBe(recovery === 'resume' ? 'deployed' : 'aborted');
      if (recovery === 'resume') live = next;
      expect(await versions(project), what).toEqual([live, live]);
      const called = (await readFile(file, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');
      // Going back is a rollback, with hooks of its own; nothing else is called to undo.
      const expected =
        recovery === 'resume'
          ? Object.keys(calls)
          : [...before.split('\n').filter((line) => line !== ''), ...(place === 'after' ? hooksOfRollback : [])];
      const again =
        recovery === 'resume' && step !== 'hook:after-switch:1' && asked(step, moment) ? ['gate:api:smoke'] : [];
      expect(called.sort(), what).toEqual([...expected, ...again].sort());

      const status = await environment.status();
      recordRecovery('deployer killed (SIGKILL) before or after a gate, hook or job', status);
      expect(status.interrupted, what).toBeNull();
      for (const service of status.services) {
        expect(service.live?.healthy, what).toBe(true);
        expect(service.idle?.state, what).not.toBe('running');
      }
    }
  },
);

const hooksOfRollback = ['hook:before-switch:1', 'hook:after-switch:1'];

/** Whether the new instance had been asked already: the resumed release asks again, since it may be another one. */
function asked(step: string, moment: string): boolean {
  return step === 'hook:before-switch:1' || (step === 'gate:api:smoke' && moment === 'finished');
}

function recordRecovery(fault: string, { interrupted }: { readonly interrupted: unknown }): void {
  recordFaults({
    promised: 'a release that was cut off can be finished or undone',
    fault,
    times: 1,
    checked: { recoveries: 1 },
    wrong: { 'left unfinished': interrupted === null ? 0 : 1 },
  });
}

function recordAnswers(
  fault: string,
  { answered, live }: { readonly answered: readonly string[]; readonly live: string },
): void {
  recordFaults({
    promised: 'what is live is never stopped',
    fault,
    times: 1,
    checked: { services: answered.length },
    wrong: { 'services that did not answer as they should': answered.filter((version) => version !== live).length },
  });
}

async function versions(project: Project): Promise<readonly string[]> {
  return [(await project.ask('api')).version, (await project.ask('web')).version];
}

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
  const status = await environment.status();
  for (let kills = 0; kills < 4; kills += 1) recordRecovery('killed (SIGKILL) again while it recovers', status);
  expect(status.interrupted).toBeNull();
  expect(await project.ask('web')).toMatchObject({ version: '1' });
});

it('is undone by a second abort where the first was cut off after its switch', async () => {
  await using project = await createProject();
  const { environment } = project;
  await environment.deploy();
  await project.commit({ 'services/api/version': '2', 'services/web/version': '2' });
  await runAndDie(project, 'finished', 'switch');
  const cutOff = (await environment.status()).interrupted;
  await runAndDie(project, 'finished', 'switch', 'abort');
  expect(await environment.abort()).toMatchObject({ outcome: 'aborted' });
  const status = await environment.status();
  expect(status.interrupted).toBeNull();
  for (const { live, idle } of status.services) expect([live?.healthy, idle?.state]).toEqual([true, 'stopped']);
  expect(await versions(project)).toEqual(['1', '1']);
  const history = await environment.history();
  expect(history.map(({ outcome }) => outcome)).toEqual(['rolled-back', 'aborted', 'deployed']);
  expect(history[1]?.id).toBe(cutOff?.release);
  expect(await environment.deploy()).toMatchObject({ outcome: 'deployed' });
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
  recordFaults({
    promised: 'what is live is never stopped',
    fault: 'daemon of an embedded environment killed (SIGKILL)',
    times: 1,
    checked: { instances: after.services.length },
    wrong: {
      'instances that ended': after.services.filter(
        ({ live }, index) => live?.since !== before.services[index]?.live?.since,
      ).length,
    },
  });
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
