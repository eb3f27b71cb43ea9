import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { poll, processIdentity, systemClock } from '@maestro/core';
import { describe, expect, it, onTestFinished } from 'vitest';

import { aws } from '../src/parts/aws.ts';
import { connect } from '../src/parts/docker/connection.ts';
import { docker } from '../src/parts/docker.ts';
import { postgresql } from '../src/parts/postgresql.ts';
import type { StateFolder } from '../src/state-folder.ts';
import { describeWith } from '../src/vitest.ts';
import type { Held } from './fixtures/waits-for-its-end.fixture.ts';
import { finish, startRun } from './nested-run.ts';
import { ownState } from './own-state.ts';

const timeout = 120_000;

describe('a suite whose part can neither be found nor installed', () => {
  // moto is no package of Debian's, so without a PATH to find it on it is missing on any machine.
  const nowhere = { PATH: '/nowhere' };

  it('is skipped, and the run says how to get it', { timeout }, async () => {
    const state = await ownState([aws]);
    const { code, output } = await finish(startRun({ fixture: 'needs-aws', state, environment: nowhere }));
    expect(output).toContain('SKIPPED, because parts are missing:');
    expect(output).toContain("AWS (moto): pip install 'moto[server]'; or set MAESTRO_TEST_AWS");
    expect(output).toMatch(/Tests +1 skipped/);
    expect(code).toBe(0);
  });

  it('fails with CI=true', { timeout }, async () => {
    const state = await ownState([aws]);
    const environment = { ...nowhere, CI: 'true' };
    const { code, output } = await finish(startRun({ fixture: 'needs-aws', state, environment }));
    expect(output).toContain('AWS (moto) is needed and is not on this machine');
    expect(output).toMatch(/Tests +1 failed/);
    expect(code).toBe(1);
  });

  it('fails where the variable names one that does not answer', { timeout }, async () => {
    const state = await ownState([aws]);
    const environment = { ...nowhere, MAESTRO_TEST_AWS: 'http://127.0.0.1:1' };
    const { code, output } = await finish(startRun({ fixture: 'needs-aws', state, environment }));
    expect(output).toContain('the one that MAESTRO_TEST_AWS names does not answer');
    expect(code).toBe(1);
  });
});

describeWith('a run of tests', ['aws'], () => {
  it('starts what its suites need, and leaves nothing running and no file', { timeout }, async () => {
    const state = await ownState([aws]);
    const { code, output } = await finish(startRun({ fixture: 'needs-aws', state }));
    expect(output).toContain('starting AWS (moto)');
    expect(output).toMatch(/Tests +1 passed/);
    expect(code).toBe(0);
    expect(await whatIsLeft(state)).toEqual([]);
  });
});

describeWith('a run that is killed', ['postgresql', 'docker'], (parts) => {
  it('leaves nothing when the next one has ended', { timeout }, async () => {
    const state = await ownState([postgresql]);
    // There can be one engine on a machine, so the killed run uses the one that goes on after it.
    const environment = { [docker.variable]: parts().docker.address };
    const held = await killedRun(state, environment);
    expect(await postgresql.server.ask(held.postgresql, AbortSignal.timeout(5_000))).toMatch(/^\d/);
    expect((await onEngine(parts().docker.address, held.suite)).sort()).toEqual([
      `container ${held.suite}`,
      `image ${held.suite}`,
      `network ${held.suite}`,
      `volume ${held.suite}`,
    ]);

    const next = await finish(startRun({ fixture: 'needs-nothing', state, environment }));

    expect(next.code, next.output).toBe(0);
    expect(await Promise.all(held.pids.map(processIdentity))).toEqual([undefined, undefined, undefined]);
    expect(await readFile('/proc/self/mounts', 'utf8')).not.toContain(held.folder);
    await expect(postgresql.server.ask(held.postgresql, AbortSignal.timeout(5_000))).rejects.toThrow(/ECONNREFUSED/);
    expect(await onEngine(parts().docker.address, held.suite)).toEqual([]);
    // What is this run's is still there.
    expect(await onEngine(parts().docker.address, parts().docker.suite)).toEqual([`network ${parts().docker.suite}`]);
    expect(await whatIsLeft(state)).toEqual([]);
  });
});

async function onEngine(address: string, suite: string): Promise<string[]> {
  const engine = connect(address);
  const { Volumes } = await engine.listVolumes();
  const names = [
    ...(await engine.listContainers({ all: true })).flatMap(({ Names }) => Names.map((name) => `container ${name}`)),
    ...(await engine.listImages()).flatMap(({ RepoTags }) => (RepoTags ?? []).map((tag) => `image ${tag}`)),
    ...(await engine.listNetworks()).map(({ Name }) => `network ${Name}`),
    ...Volumes.map(({ Name }) => `volume ${Name}`),
  ];
  return names.map((name) => name.replace(' /', ' ').replace(/:1$/, '')).filter((name) => name.endsWith(suite));
}

/** Kills a run, and nothing but its first process, in the middle of a test. */
async function killedRun(state: StateFolder, environment: Readonly<Record<string, string>>): Promise<Held> {
  const file = join(state.path, 'held.json');
  const run = startRun({
    fixture: 'waits-for-its-end',
    state,
    environment: { ...environment, FIXTURE_HELD: file },
  });
  onTestFinished(() => {
    run.kill('SIGKILL');
  });
  const ended = finish(run);
  const { value } = await poll({
    probe: () => Promise.race([readFile(file, 'utf8').catch(() => undefined), ended]),
    accept: (found) => found !== undefined,
    intervalMs: 100,
    deadlineMs: 60_000,
    clock: systemClock,
  });
  if (typeof value !== 'string') throw new Error(`the run did not get that far: ${value?.output ?? ''}`);
  run.kill('SIGKILL');
  await ended;
  return JSON.parse(value) as Held;
}

async function whatIsLeft(state: StateFolder): Promise<readonly string[]> {
  return (await Promise.all([state.parts, state.runs, state.users].map((folder) => readdir(folder)))).flat();
}
