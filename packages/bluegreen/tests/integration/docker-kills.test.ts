import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { beforeAll, expect, it, onTestFinished } from 'vitest';

import { recordFaults } from '@maestro/services/faults';
import { describeWith } from '@maestro/services/vitest';

import {
  askEngine,
  buildServiceImage,
  containerSpec,
  DockerEnvironment,
  imageMs,
  jobSpec,
} from './docker-environment.ts';
import { EngineFront } from './engine-front.ts';
import { until } from './environment.ts';

const deployerFile = fileURLToPath(new URL('../fixtures/docker-deployer.ts', import.meta.url));
const blue = { service: 'api', slot: 'blue' } as const;
const timeout = 120_000;

/** A deployer as a process of its own; it ends with the test. */
function startDeployer(
  environment: DockerEnvironment,
  engine: string,
  image: string,
  what: 'instance' | 'job',
): ChildProcess {
  const { project, environment: name, folder } = environment;
  const args = ['--conditions=@maestro/source', deployerFile, engine, project, name, folder, image, what];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

async function killed(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

function recordKill(): void {
  recordFaults({
    promised: 'a release that was cut off can be finished or undone',
    fault: 'deployer killed (SIGKILL) while it starts containers, or waits for a job',
    times: 1,
    checked: { recoveries: 1 },
    wrong: { 'left unfinished': 0 },
  });
}

describeWith('a deployer of containers that is killed', ['docker'], (parts) => {
  let image = '';
  beforeAll(async () => {
    image = await buildServiceImage(parts().docker);
  }, imageMs);
  const open = () => DockerEnvironment.open(parts().docker, image);

  it('leaves its job running, which the next one waits for', { timeout }, async () => {
    await using environment = await open();
    const { docker } = parts();
    const { jobs } = environment.containers;
    const deployer = startDeployer(environment, docker.address, image, 'job');
    await until(async () => (await environment.jobs())[0]?.State === 'running', 60_000);
    await killed(deployer);
    const another = jobSpec('exit 0', { release: 'another release' });
    await expect(jobs.run({ ...another, timeoutMs: 30_000 })).rejects.toMatchObject({ code: 'BLUEGREEN_SLOT_BUSY' });
    const same = jobs.run({ ...jobSpec('echo it was run a second time'), timeoutMs: 60_000 });
    const [job] = await environment.jobs();
    await askEngine(docker, 'POST', `/containers/${job?.Id ?? ''}/kill?signal=SIGTERM`);
    expect(await same).toEqual({ exitCode: 7, exit: 'exit code 7', lines: ['imported'] });
    expect(await jobs.run({ ...another, timeoutMs: 30_000 })).toMatchObject({ exitCode: 0 });
    recordKill();
  });

  it.each([
    ['before the second container is made', /^POST \/containers\/create\?name=.*blue-1/, 1],
    ['before the containers are started', /^POST \/containers\/[0-9a-f]+\/start/, 2],
  ] as const)('%s leaves what the next start resolves', { timeout }, async (_, hold, made) => {
    await using environment = await open();
    const { docker } = parts();
    const { runtime } = environment.containers;
    let held = 0;
    await using front = await EngineFront.open(docker, {
      hold,
      onHeld: () => {
        held += 1;
      },
    });
    const deployer = startDeployer(environment, front.address, image, 'instance');
    await until(() => Promise.resolve(held >= made), 60_000);
    await until(async () => (await runtime.observe())[0]?.addresses.length === made, 60_000);
    await killed(deployer);

    const [left] = await runtime.observe();
    expect(left?.state).toBe('crashed');
    const spec = containerSpec(blue, { replicas: 2, release: 'the next one' });
    expect(await runtime.start(spec)).toMatchObject({ state: 'running' });
    expect((await runtime.observe()).map(({ addresses }) => addresses.length)).toEqual([2]);
    recordKill();
  });
});
