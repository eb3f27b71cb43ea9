import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { recordFaults } from '@maestro/services/faults';
import { describeWith } from '@maestro/services/vitest';
import { afterAll, beforeAll, expect, it } from 'vitest';

import type { ReleaseEvent } from '../../src/index.ts';
import { imageMs, releaseMs } from './docker-project.ts';
import { everyKind, type FullDeployment, fullDeployment, type KillPoint, killPoints } from './full-deployment.ts';
import { KilledDeployments, type Recovery } from './killed-deployment.ts';
import { type Load, startMixedLoad } from './load.ts';
import { recordLoad } from './record-load.ts';
import type { Death } from './run-and-die.ts';

const nightly = process.env.MAESTRO_NIGHTLY === 'true';
const recoveries = ['resume', 'abort'] as const;
const needs = ['aws', 'docker', 'image-repository', 'nginx', 'postgresql'] as const;

// One project for all, under load from its first deployment to the end.
describeWith('a deployer of containers that is killed', needs, (parts) => {
  let deployment: FullDeployment;
  let deployments: KilledDeployments;
  let load: Load | undefined;
  let points: readonly KillPoint[] = [];
  let kills = 0;

  beforeAll(async () => {
    deployment = await fullDeployment(parts());
    deployments = new KilledDeployments(deployment, parts().docker);
    await deployment.commit('1', 8080);
    await using environment = await deployment.open();
    await environment.deploy();
    const { url } = await environment.status();
    load = startMixedLoad([new URL('/api', url ?? '').href, new URL('/', url ?? '').href]);
  }, imageMs);
  afterAll(async () => {
    await load?.stop();
    await deployment[Symbol.asyncDispose]();
  }, releaseMs);

  it('deploys by steps of every kind, all of them in its plan and its journal', { timeout: imageMs }, async () => {
    await deployments.deploy({ reshaped: true }, async (environment) => {
      const { steps } = await environment.plan();
      const events: ReleaseEvent[] = [];
      const { release } = await environment.deploy({ onEvent: (event) => events.push(event) });
      const file = join(deployment.project.folder, '.maestro/demo/journal', `${release ?? ''}.ndjson`);
      const finished = (await readFile(file, 'utf8')).matchAll(/"type":"step-finished","step":"([^"]+)"/g);
      const journaled = new Set([...finished].map(([, id = '']) => id));
      points = killPoints(events, journaled);

      expect(new Set(steps.map(({ kind }) => kind))).toEqual(new Set(everyKind));
      const unwritten = steps.filter(({ id }) => !journaled.has(id)).map(({ id }) => id);
      expect(unwritten).toEqual(['hook:before-build:1', 'build']);
      for (const moment of ['started', 'finished']) {
        const ids = points.filter((point) => point.moment === moment).map(({ step }) => step.id);
        expect(ids.sort()).toEqual(steps.map(({ id }) => id).sort());
      }
    });
  });

  const recover = async (deaths: readonly PlannedDeath[]) => {
    for (const [index, { point, recovery }] of deaths.entries()) {
      const options = { reshaped: index % 7 === 3, again: index % 4 === 1 };
      await counted(`deployer killed (SIGKILL) ${when[point.moment]} a step, containers under load`, () =>
        deployments.killAndRecover(point, recovery, options),
      );
      kills += 1;
    }
  };

  const places = nightly ? 'before and after every step' : 'here and there before or after a step';
  it(`${places}: what it was at is finished or undone`, { timeout: 200 * releaseMs }, async () => {
    const deaths = nightly ? everyDeath(points) : someDeaths(points);
    expect(deaths.length).toBeGreaterThanOrEqual(nightly ? 100 : 8);
    await recover(deaths);
  });

  it('may be killed again while it finishes or undoes', { timeout: 100 * releaseMs }, async () => {
    const deaths = nightly ? await everySecondDeath(deployments) : someSecondDeaths;
    for (const [index, { first, second }] of deaths.entries()) {
      await counted('killed (SIGKILL) again while it recovers, containers under load', () =>
        deployments.killTwice(first, second, recoveries[index % 2] ?? 'resume'),
      );
      kills += 2;
    }
  });

  if (nightly) {
    it('in the midst of every step: what it was at is finished or undone', { timeout: 100 * releaseMs }, () =>
      recover(deathsAmid(points)),
    );
  }

  it('loses no request', async () => {
    if (load === undefined) throw new Error('expected a load');
    await load.stop();
    recordLoad(load, { fault: 'deployer of containers killed (SIGKILL)', times: kills });
    expect(load.failed).toEqual([]);
    expect([...load.asked.values()].filter((requests) => requests > 100)).toHaveLength(8);
  });
});

/** Records whether it ended well: whatever does not fails the test. */
async function counted(fault: string, work: () => Promise<void>): Promise<void> {
  let unfinished = 1;
  try {
    await work();
    unfinished = 0;
  } finally {
    recordFaults({
      promised: 'a release that was cut off can be finished or undone',
      fault,
      times: 1,
      checked: { recoveries: 1 },
      wrong: { 'left unfinished': unfinished },
    });
  }
}

const when = { started: 'before or after', amid: 'amid', finished: 'before or after' } as const;

interface PlannedDeath {
  readonly point: KillPoint;
  readonly recovery: Recovery;
}

/** Before and after each step, with both recoveries. */
function everyDeath(points: readonly KillPoint[]): readonly PlannedDeath[] {
  return points
    .filter(({ moment }) => moment !== 'amid')
    .flatMap((point) => recoveries.map((recovery) => ({ point, recovery })));
}

function deathsAmid(points: readonly KillPoint[]): readonly PlannedDeath[] {
  return points.filter(({ moment }) => moment === 'amid').map(recoveredByTurns);
}

/** Every seventh: before and after steps by turns. */
function someDeaths(points: readonly KillPoint[]): readonly PlannedDeath[] {
  return points
    .filter(({ moment }) => moment !== 'amid')
    .filter((_, index) => index % 7 === 0)
    .map(recoveredByTurns);
}

function recoveredByTurns(point: KillPoint, index: number): PlannedDeath {
  return { point, recovery: recoveries[index % 2] ?? 'resume' };
}

interface SecondDeath {
  readonly first: Death;
  readonly second: Death;
}

const started: Death = { moment: 'finished', step: 'start:api' };
const switched: Death = { moment: 'finished', step: 'switch' };
const drained: Death = { moment: 'started', step: 'record' };
const announced: Death = { operation: 'abort', moment: 'announced', step: '' };

const someSecondDeaths: readonly SecondDeath[] = [
  { first: switched, second: { operation: 'abort', moment: 'finished', step: 'switch' } },
  { first: started, second: { operation: 'resume', moment: 'started', step: 'switch' } },
];

/** At each step of a deployment that is resumed before and after its switch, and of the way back; by turns before and after it. */
async function everySecondDeath(deployments: KilledDeployments): Promise<readonly SecondDeath[]> {
  const within = async (first: Death, operation: Recovery) => {
    const steps = await deployments.stepsAfter(first, operation);
    // With the last one everything is over.
    const unfinished = steps.slice(0, steps.indexOf('record'));
    return unfinished.map((step, index): SecondDeath => {
      return { first, second: { operation, moment: index % 2 === 0 ? 'started' : 'finished', step } };
    });
  };
  return [
    ...someSecondDeaths,
    ...[0, 100, 300, 1_000].map((delayMs) => ({ first: started, second: { ...announced, delayMs } })),
    ...(await within(drained, 'abort')),
    ...(await within(switched, 'resume')),
    ...(await within(started, 'resume')),
  ];
}
