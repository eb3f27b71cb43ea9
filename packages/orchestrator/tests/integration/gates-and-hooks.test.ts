import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { releaseStages } from '@maestro/registry';
import { expect, it, onTestFinished, vi } from 'vitest';

import {
  openEnvironment,
  type ReleaseDocument,
  type ReleaseEvent,
  type ScriptContext,
  type ScriptGate,
  type ScriptHook,
} from '../../src/index.ts';
import { configuration, createProject, type Project } from './project.ts';
import { runAndDie } from './run-and-die.ts';

const { api, web } = configuration.services;
const { demo } = configuration.environments;

interface Changes {
  readonly api?: object;
  readonly demo?: object;
}

function configured(changes: Changes): object {
  const services = { api: { ...api, ...changes.api }, web };
  return { ...configuration, services, environments: { demo: { ...demo, ...changes.demo } } };
}

function shell(script: string): readonly string[] {
  return ['/bin/sh', '-c', script];
}

/** What hooks and gates have written into the project's folder. */
async function written(project: Project, name: string): Promise<string> {
  return await readFile(join(project.folder, name), 'utf8').catch(() => '');
}

function everyStage(hook: object): Readonly<Record<string, readonly object[]>> {
  const names = releaseStages.map((stage) => `${stage.slice(0, 1).toUpperCase()}${stage.slice(1)}`);
  return Object.fromEntries(['before', 'after'].flatMap((when) => names.map((name) => [`${when}${name}`, [hook]])));
}

it('calls gates and hooks in the order of the stages, as the plan names them, and tells them of the release', async () => {
  const log = (file: string) => ({ command: shell(`echo "$MAESTRO_STEP" >> ${file}`) });
  await using project = await createProject({
    configuration: () =>
      configured({
        api: {
          gates: { unit: log('../../calls'), smoke: { http: { path: '/', body: { contains: '"version":"1"' } } } },
          hooks: { beforeSwitch: [{ command: shell('cat > ../../document; echo "$MAESTRO_STEP" >> ../../calls') }] },
        },
        demo: { gates: { all: { ...log('calls'), after: 'probe' } }, hooks: everyStage(log('calls')) },
      }),
  });
  const { environment } = project;
  const seen: ReleaseDocument[] = [];
  const gates: readonly ScriptGate[] = [
    { name: 'own', check: ({ release, say }) => void (say('looked'), seen.push(release)) },
  ];
  const hooks: readonly ScriptHook[] = [
    { name: 'note', stage: 'switch', when: 'before', run: ({ release }) => void seen.push(release) },
  ];

  const plan = await environment.plan({ gates, hooks });
  const called = plan.steps.filter(({ kind }) => kind === 'gate' || kind === 'hook').map(({ id }) => id);
  expect(called).toEqual([
    ...['hook:before-images:1', 'hook:after-images:1', 'hook:before-gates:1'],
    ...['gate:api:unit', 'gate:script:own', 'hook:after-gates:1'],
    ...['hook:before-secrets:1', 'hook:after-secrets:1', 'hook:before-migrate:1', 'hook:after-migrate:1'],
    ...['hook:before-start:1', 'gate:all', 'gate:api:smoke', 'hook:after-start:1'],
    ...['hook:before-switch:1', 'hook:before-switch:api:1', 'hook:before-switch:script:note', 'hook:after-switch:1'],
    ...['hook:before-drain:1', 'hook:after-drain:1', 'hook:before-record:1', 'hook:after-record:1'],
  ]);
  expect(plan.hash).toBe((await environment.plan()).hash);

  const events: ReleaseEvent[] = [];
  const result = await environment.deploy({
    gates,
    hooks,
    planHash: plan.hash,
    onEvent: (event) => events.push(event),
  });
  expect(result).toMatchObject({ outcome: 'deployed', failedHooks: [] });
  const finished = events.flatMap((event) => (event.type === 'step-finished' ? [event.step.id] : []));
  // Gates of one stage are asked side by side.
  const [at, from] = [finished.indexOf('gate:all'), finished.indexOf('gate:api:smoke')];
  expect(Math.abs(at - from)).toBe(1);
  const inShell = called.filter((id) => !id.includes('script') && id !== 'gate:api:smoke');
  expect((await written(project, 'calls')).trimEnd().split('\n')).toEqual(inShell);

  const told = JSON.parse(await written(project, 'document')) as ReleaseDocument;
  expect(told).toMatchObject({
    release: result.release,
    kind: 'deploy',
    project: 'shop',
    environment: 'demo',
    previous: null,
    step: 'hook:before-switch:api:1',
    services: [
      {
        name: 'api',
        change: 'start',
        slot: 'blue',
        url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) as string,
      },
      { name: 'web', change: 'start', slot: 'blue' },
    ],
  });
  expect(seen.map(({ step, services }) => [step, services[0]?.url === null])).toEqual([
    ['gate:script:own', true],
    ['hook:before-switch:script:note', false],
  ]);
  expect(events).toContainEqual(expect.objectContaining({ type: 'step-progress', message: 'looked' }));

  expect(await environment.deploy({ gates, hooks })).toMatchObject({ outcome: 'unchanged' });
  // Those of a service that stays are not its release's.
  await project.commit({ 'services/web/version': '2' });
  const next = (await environment.plan({ services: ['web'] })).steps.map(({ id }) => id);
  expect(next).not.toContain('gate:api:unit');
  expect(next).toContain('gate:all');
});

it('refuses a release before anything is touched, tells of every gate that failed, and shows no secret', async () => {
  await using project = await createProject({
    configuration: () =>
      configured({
        api: {
          gates: {
            long: { command: shell('seq 1 30; cat ../../.env; exit 1') },
            unit: { command: shell('echo 12 passed; cat ../../.env; echo "1 failed: $HOME$DB$TOKEN" >&2; exit 1') },
            lint: { command: ['no-such-linter'] },
            slow: { command: shell('echo begun; sleep 600'), timeoutMs: 1_000 },
            fine: { command: ['true'] },
            covered: {
              command: shell(`mkdir -p coverage; cp summary.json coverage/coverage-summary.json`),
              coverage: { lines: 80, branches: 40 },
            },
            uncovered: { command: ['true'], coverage: { file: 'coverage/none.json', lines: 1 } },
          },
        },
      }),
    files: { 'services/api/summary.json': coverage(61), 'services/api/.gitignore': 'coverage\n' },
  });
  const { environment } = project;
  const failed: string[] = [];
  const onEvent = (event: ReleaseEvent) => {
    if (event.type === 'step-failed') failed.push(`${event.step.kind} ${event.step.id}: ${event.error.code}`);
  };
  const gates: readonly ScriptGate[] = [{ name: 'own', check: () => Promise.reject(new Error('not on a Friday')) }];
  const refused = await environment.deploy({ gates, onEvent }).catch((error: unknown) => error as Error);
  expect(refused).toMatchObject({
    code: 'ORCHESTRATOR_RELEASE_REFUSED',
    details: { outcome: 'refused', reasonCode: 'ORCHESTRATOR_GATE_FAILED' },
  });
  const { message } = refused as Error;
  expect(message).toMatch(/the gate unit of api failed: .*exit code 1; it printed last:\n {2}12 passed\n/);
  expect(message).toContain('1 failed: /');
  const log = join(project.folder, '.maestro/demo/logs/gate.api.long.log');
  expect(message).toContain(`\n  30\n  TOKEN='[redacted]'\n  more of it is in ${log}`);
  expect(await readFile(log, 'utf8')).toMatch(/^1\n2\n(.*\n)*30\nTOKEN='\[redacted\]'\n$/);
  expect(message).toContain('the gate lint of api failed: no-such-linter: there is no such program');
  expect(message).toMatch(/the gate slow of api failed: .*: it did not end in 1000 ms; it printed last:\n {2}begun/);
  expect(message).toContain('the gate covered of api failed: 61 % of the lines are covered, expected 80 %');
  expect(message).toMatch(/the gate uncovered of api failed: true did not write .*coverage\/none\.json/);
  expect(message).toContain('the gate own failed: not on a Friday');
  expect(message).not.toContain('s3cret-canary');
  expect(failed.sort()).toEqual(
    ['api:covered', 'api:lint', 'api:long', 'api:slow', 'api:uncovered', 'api:unit', 'script:own'].map(
      (id) => `gate gate:${id}: ORCHESTRATOR_GATE_FAILED`,
    ),
  );

  const { services, interrupted } = await environment.status();
  expect(services.map(({ live, idle }) => [live, idle])).toEqual([
    [null, null],
    [null, null],
  ]);
  expect(interrupted).toBeNull();
  expect(await environment.history()).toMatchObject([{ outcome: 'refused' }]);
  expect(await environment.migrations.status()).toMatchObject({ databases: [{ status: { applied: [] } }] });
  for (const name of await readdir(join(project.folder, '.maestro/demo'), { recursive: true })) {
    const text = await readFile(join(project.folder, '.maestro/demo', name), 'utf8').catch(() => '');
    expect(text.includes('s3cret-canary'), name).toBe(false);
  }
});

it('asks the started instance before it gets traffic, and runs no gate on other files than those that are deployed', async () => {
  const smoke = { http: { path: '/', statuses: ['200'] }, timeoutMs: 5_000 };
  const program = 'process.exit((await fetch(process.env.MAESTRO_INSTANCE_URL)).status < 600 ? 0 : 1)';
  const direct = { command: ['node', '--input-type=module', '--eval', program], after: 'probe' };
  await using project = await createProject({ configuration: () => configured({ api: { gates: { smoke, direct } } }) });
  const { environment } = project;
  await environment.deploy();
  await project.commit({ 'services/api/version': 'errors' });
  await expect(environment.deploy()).rejects.toMatchObject({
    message: expect.stringMatching(/the gate smoke of api failed: .*answered 500/) as string,
    details: { reasonCode: 'ORCHESTRATOR_GATE_FAILED' },
  });
  expect(await project.ask('api')).toMatchObject({ version: '1' });
  expect((await environment.status()).services[0]?.idle?.state).toBe('stopped');

  await project.commit({ 'services/api/version': '2' });
  const unit = { command: ['grep', '-q', '2', 'version'] };
  await project.commit({ 'maestro.config.json': JSON.stringify(configured({ api: { gates: { unit } } })) });
  await project.write({ 'services/api/version': '22' });
  await using again = await openEnvironment({ config: project.config, environment: 'demo' });
  await expect(again.deploy({ ref: 'HEAD' })).rejects.toMatchObject({
    message: expect.stringContaining('whose files of api are not those that are deployed') as string,
  });
  await project.write({ 'services/api/version': '2' });
  expect(await again.deploy({ ref: 'HEAD' })).toMatchObject({ outcome: 'deployed' });
});

it('is stopped by a hook before the switch and undone, and tells of one that fails later', async () => {
  const fails = (file: string) => ({ command: shell(`cat ../../${file} >&2 && exit 3 || exit 0`) });
  await using project = await createProject({
    configuration: () =>
      configured({
        api: { hooks: { beforeSwitch: [fails('early')], afterSwitch: [fails('late')], beforeDrain: [fails('late')] } },
      }),
  });
  const { environment } = project;
  await environment.deploy();
  await project.commit({ 'services/api/version': '2' });
  await project.write({ early: 'somebody is on the phone\n' });
  await expect(environment.deploy()).rejects.toMatchObject({
    code: 'ORCHESTRATOR_RELEASE_REFUSED',
    message: expect.stringMatching(
      /a hook before switch failed: .*exit code 3; it printed last:\n {2}somebody/,
    ) as string,
    details: { reasonCode: 'ORCHESTRATOR_HOOK_FAILED' },
  });
  expect(await project.ask('api')).toMatchObject({ version: '1' });
  expect((await environment.status()).services[0]?.idle?.state).toBe('stopped');

  await rm(join(project.folder, 'early'));
  await project.write({ late: 'the cache does not answer\n' });
  const released = await environment.deploy();
  expect(released).toMatchObject({ outcome: 'deployed' });
  expect(released.failedHooks.map(({ id, message }) => [id, message.includes('the cache does not answer')])).toEqual([
    ['hook:after-switch:api:1', true],
    ['hook:before-drain:api:1', true],
  ]);
  expect(await project.ask('api')).toMatchObject({ version: '2' });

  // Whoever goes back must not be kept from it.
  await project.write({ early: 'somebody is on the phone\n' });
  const back = await environment.rollback();
  expect(back).toMatchObject({ outcome: 'rolled-back' });
  expect(back.failedHooks.map(({ id }) => id)).toEqual([
    'hook:before-switch:api:1',
    'hook:after-switch:api:1',
    'hook:before-drain:api:1',
  ]);
  expect(await project.ask('api')).toMatchObject({ version: '1' });
});

it('finishes what a script has deployed with its functions only, and on the same files', async () => {
  const unit = { command: ['grep', '-q', '1', 'version'] };
  await using project = await createProject({ configuration: () => configured({ api: { gates: { unit } } }) });
  const { environment } = project;
  vi.stubEnv('DEPLOYER_SCRIPT', 'yes');
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  await runAndDie(project, 'started', 'gate:api:unit');
  const cutOff = (await environment.status()).interrupted;
  await expect(environment.resume()).rejects.toMatchObject({
    code: 'ORCHESTRATOR_SCRIPT_MISSING',
    details: { functions: ['own', 'note'] },
  });
  const called: string[] = [];
  const note = ({ release }: ScriptContext) => {
    called.push(release.step);
  };
  const gates: readonly ScriptGate[] = [{ name: 'own', check: note }];
  const hooks: readonly ScriptHook[] = [{ name: 'note', stage: 'switch', when: 'before', run: note }];
  await project.write({ 'services/api/version': '11' });
  await expect(environment.resume({ gates, hooks })).rejects.toMatchObject({ code: 'ORCHESTRATOR_GATE_FAILED' });
  expect((await environment.status()).interrupted).toEqual(cutOff);

  await project.write({ 'services/api/version': '1' });
  expect(await environment.resume({ gates, hooks })).toMatchObject({ outcome: 'deployed' });
  expect(called).toEqual(['gate:script:own', 'hook:before-switch:script:note']);
});

it('gives a hook no secret and nothing of AWS but what it is said to have', async () => {
  vi.stubEnv('TOKEN', 'token-of-the-deployer');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'key-of-the-deployer');
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  const print = 'echo "[$TOKEN][$AWS_SECRET_ACCESS_KEY]" >> seen';
  await using project = await createProject({
    configuration: () =>
      configured({
        demo: {
          hooks: {
            beforeGates: [{ command: shell(print) }, { command: shell(print), pass: ['AWS_SECRET_ACCESS_KEY'] }],
            beforeStart: [{ command: shell('env; exit 1'), pass: ['TOKEN'] }],
          },
        },
      }),
  });
  const refused = await project.environment.deploy().catch((error: unknown) => error as Error);
  expect(await written(project, 'seen')).toBe('[][]\n[][key-of-the-deployer]\n');
  expect((refused as Error).message).toContain('hook before start failed');
  expect((refused as Error).message).not.toMatch(/of-the-deployer/);
});

function coverage(lines: number): string {
  const metric = (pct: number) => ({ total: 100, covered: pct, skipped: 0, pct });
  return JSON.stringify({
    total: { lines: metric(lines), statements: metric(lines), branches: metric(50), functions: metric(90) },
  });
}
