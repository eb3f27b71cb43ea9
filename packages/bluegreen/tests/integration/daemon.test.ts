import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { Agent } from 'node:http';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

import { holdExclusively } from '@maestro/core/exclusive-hold';
import { recordFaults } from '@maestro/services/faults';
import { expect, it } from 'vitest';

import { layoutOf } from '../../src/adapters/embedded/state-layout.ts';
import type { Instance } from '../../src/ports/runtime.ts';
import {
  ask,
  freePort,
  isRunning,
  kill,
  openForTest,
  processesWith,
  specOf,
  type TestEnvironment,
  until,
  urlOf,
} from './environment.ts';

const blue = { service: 'api', slot: 'blue' } as const;
const green = { service: 'api', slot: 'green' } as const;
const daemonFile = fileURLToPath(new URL('../../src/embedded/daemon.ts', import.meta.url));
const deployerFile = fileURLToPath(new URL('../fixtures/deployer.ts', import.meta.url));

function reach(instance: Instance): Promise<string> {
  return ask(`${urlOf(instance)}/pid`).then(({ body }) => body);
}

async function killDaemon(environment: TestEnvironment): Promise<void> {
  const daemon = await environment.daemonPid();
  kill(daemon);
  await until(async () => !(await isRunning(daemon)));
}

/** Runs a TypeScript file of this package as a process of its own. */
function run(file: string, ...args: readonly string[]) {
  return spawn(
    process.execPath,
    ['--conditions=@maestro/source', '--disable-warning=ExperimentalWarning', file, ...args],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
}

it('goes on serving when the deployer that started it is killed', async () => {
  const environment = await openForTest();
  const port = await freePort();
  const deployer = run(deployerFile, environment.folder, String(port));
  await once(deployer.stdout, 'data');
  deployer.kill('SIGKILL');
  await once(deployer, 'exit');
  const answer = await ask(`http://127.0.0.1:${port}/`);
  recordFaults({
    promised: 'what is live is never stopped',
    fault: 'deployer that started a daemon killed (SIGKILL)',
    times: 1,
    checked: { requests: 1 },
    wrong: { 'failed requests': answer.status === 200 ? 0 : 1 },
  });
  expect(answer).toMatchObject({ status: 200, body: 'blue' });
});

it('leaves no daemon behind that comes up after its start was given up', async () => {
  const environment = await openForTest();
  const giveUp = new AbortController();
  const starting = environment.embedded.ensureRunning({ signal: giveUp.signal });
  await until(async () => (await processesWith(environment.folder)).length > 0);
  giveUp.abort(new Error('given up'));
  await expect(starting).rejects.toThrow('given up');
  expect(await processesWith(environment.folder)).toEqual([]);
});

it('takes over from a killed daemon: the same addresses, processes and routing', async () => {
  const environment = await openForTest();
  const before = await environment.listen(['api', 'web']);
  await environment.live('green', 'blue');
  const instances = await environment.embedded.runtime.observe();
  const pids = await environment.pids();
  await killDaemon(environment);
  for (const instance of instances) expect(await reach(instance)).toMatch(/^\d+$/);
  expect(await environment.embedded.runtime.observe()).toEqual(instances);

  await environment.embedded.ensureRunning();
  expect(await environment.embedded.router.addresses()).toEqual(before);
  expect(await environment.embedded.runtime.observe()).toEqual(instances);
  const after = await environment.pids();
  recordFaults({
    promised: 'what is live is never stopped',
    fault: 'daemon of an embedded environment killed (SIGKILL)',
    times: 1,
    checked: { instances: pids.length },
    wrong: { 'instances that ended': pids.filter((pid) => !after.includes(pid)).length },
  });
  expect(after).toEqual(pids);
  expect((await ask(before.url)).body).toBe('blue');
  const preview = await environment.embedded.router.preview({ ...green, path: '/' });
  expect((await ask(preview.url, preview)).body).toBe('green');
});

it('stops an instance that an earlier daemon started, and sees one that crashes', async () => {
  const environment = await openForTest();
  await environment.listen();
  const first = await environment.start(blue);
  const second = await environment.start(green);
  const [pid, other] = [Number(await reach(first)), Number(await reach(second))];
  await killDaemon(environment);
  await environment.embedded.ensureRunning();

  await environment.embedded.runtime.stop({ ...blue, timeoutMs: 5_000 });
  expect(await isRunning(pid)).toBe(false);
  kill(other);
  await until(async () => (await environment.embedded.runtime.observe()).every(({ state }) => state !== 'running'));
  expect(await environment.embedded.runtime.observe()).toMatchObject([{ state: 'stopped' }, { state: 'crashed' }]);
});

it('knows after its restart which instances ended meanwhile', async () => {
  const environment = await openForTest();
  await environment.listen();
  const pid = Number(await reach(await environment.start(blue)));
  await killDaemon(environment);
  kill(pid);
  await until(async () => !(await isRunning(pid)));
  await environment.embedded.ensureRunning();
  expect(await environment.embedded.runtime.observe()).toMatchObject([
    { ...blue, state: 'crashed', exit: 'ended while no daemon ran' },
  ]);
});

it('ends the services of a killed daemon when the environment is shut down', async () => {
  const environment = await openForTest();
  await environment.listen();
  const pid = Number(await reach(await environment.start(blue)));
  await killDaemon(environment);
  await environment.embedded.shutdown();
  expect(await isRunning(pid)).toBe(false);
});

it('leaves a state folder to the daemon that has it already', async () => {
  const environment = await openForTest();
  const { url } = await environment.listen();
  await environment.live('blue');
  const daemon = await environment.daemonPid();
  const second = run(daemonFile, environment.folder);
  const answered: number[] = [];
  const ended = once(second, 'exit');
  while (second.exitCode === null) answered.push((await ask(url)).status);
  expect(await ended).toEqual([3, null]);
  expect(new Set(answered)).toEqual(new Set([200]));
  expect(await environment.daemonPid()).toBe(daemon);
});

it('starts once when five ask for it at the same time', async () => {
  const environment = await openForTest();
  await Promise.all(Array.from({ length: 5 }, () => environment.embedded.ensureRunning()));
  expect(await processesWith(environment.folder)).toEqual([await environment.daemonPid()]);
});

it('waits for a daemon that is about to leave, and takes its place', async () => {
  const environment = await openForTest();
  await mkdir(environment.folder, { recursive: true });
  const leaving = holdExclusively(layoutOf(environment.folder).daemonLock);
  const running = environment.embedded.ensureRunning();
  await until(async () => (await processesWith(environment.folder)).length > 0);
  await until(async () => (await processesWith(environment.folder)).length === 0);
  leaving?.[Symbol.dispose]();
  await running;
  expect(await environment.daemonPid()).toBeGreaterThan(0);
});

it('says that a command cannot be started, and starts the next one in the same slot', async () => {
  const environment = await openForTest();
  await environment.listen();
  const { runtime } = environment.embedded;
  await expect(runtime.start(specOf(blue, { command: ['/no/such/program'] }))).rejects.toMatchObject({
    code: 'BLUEGREEN_START_FAILED',
    message: 'api.blue cannot be started: spawn /no/such/program ENOENT',
  });
  expect(await runtime.observe()).toMatchObject([{ ...blue, state: 'crashed' }]);
  await environment.start(blue);
});

it('refuses a port that is in use, and stays as it was', async () => {
  const environment = await openForTest();
  const before = await environment.listen();
  await environment.live('blue');
  const squatter = createServer().listen(0, '127.0.0.1');
  await once(squatter, 'listening');
  const bound = squatter.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;

  const services = ['api', 'web'].map((name) => ({ name, route: { host: null, path: '/' } }));
  const { router } = environment.embedded;
  await expect(router.apply({ listen: { host: '127.0.0.1', port }, services })).rejects.toMatchObject({
    code: 'BLUEGREEN_PORT_IN_USE',
  });
  squatter.close();
  expect(await router.addresses()).toEqual(before);
  expect((await ask(before.url)).body).toBe('blue');
});

it('works in a state folder whose path is longer than a socket path may be', async () => {
  const environment = await openForTest({ below: `${'long/'.repeat(30)}state` });
  await mkdir(environment.folder, { recursive: true });
  const { url } = await environment.listen();
  await environment.live('blue');
  expect((await ask(url)).body).toBe('blue');
});

it('shuts down after it answered what was on its way, and leaves no process', async () => {
  const environment = await openForTest();
  const { url } = await environment.listen();
  await environment.live('green', 'blue');
  const pids = [await environment.daemonPid(), ...(await environment.pids())];
  expect(pids).toHaveLength(3);
  // A client that keeps its connection must not keep the daemon.
  const agent = new Agent({ keepAlive: true });
  await ask(url, { agent });
  const slow = ask(`${url}/silent?ms=500`, { agent });
  await until(async () => (await environment.embedded.router.inFlight(blue)).requests === 1);

  await environment.embedded.shutdown();
  expect(await slow).toMatchObject({ status: 200, body: 'blue' });
  await until(async () => (await Promise.all(pids.map(isRunning))).every((running) => !running), 2_000);
  await environment.embedded.shutdown();
  agent.destroy();
});

it('leaves no process behind when it is shut down while services start and crash', async () => {
  for (let round = 0; round < 2; round += 1) {
    const environment = await openForTest();
    await environment.listen();
    await environment.live('blue');
    const mark = `left-behind-${process.pid}-${round}`;
    kill((await environment.pids())[0] ?? 0);
    const starting = Array.from({ length: 6 }, (_, index) =>
      environment.embedded.runtime
        .start(
          specOf(
            { service: `other-${index}`, slot: 'blue' },
            { command: [process.execPath, '-e', 'setInterval(() => {}, 1000)', mark] },
          ),
        )
        .catch(() => undefined),
    );
    await environment.embedded.shutdown();
    await Promise.all(starting);
    expect(await processesWith(mark)).toEqual([]);
    expect((await Promise.all((await environment.pids()).map(isRunning))).filter(Boolean)).toEqual([]);
  }
});
