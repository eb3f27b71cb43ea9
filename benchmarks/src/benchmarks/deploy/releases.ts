import type { Context } from '../../benchmark.ts';
import { BenchmarkError } from '../../errors.ts';
import { elapsedMs } from '../../measure/elapsed.ts';
import { openComposeStack } from './compose-stack.ts';
import type { Place } from './place.ts';
import { openScript } from './script.ts';

/** What is beyond a container's start and its own readiness, and beyond what a script takes. */
const most = { of: 'value', atMost: 300 } as const;

/**
 * One service gets a new version whose image is built already. Until the traffic is switched a release starts a container and
 * waits until it is ready; what it takes besides is its own.
 */
export async function compareReleases(place: Place, context: Context): Promise<void> {
  const { project } = place;
  const [service = ''] = project.services;
  const script = await openScript(place, service);
  const rounds = context.quick ? 2 : 10;
  const own: number[] = [];
  const ours: number[] = [];
  const theirs: number[] = [];
  const release = async () => {
    await project.change(service);
    await project.maestro('images', 'build', service);
    const { switchedAfterMs, stepsMs } = await project.maestro('deploy', service);
    if (switchedAfterMs === null) throw notSwitched(service);
    const started = (stepsMs.get(`start:${service}`) ?? 0) + (stepsMs.get(`probe:${service}`) ?? 0);
    own.push(switchedAfterMs - started);
    ours.push(switchedAfterMs);
    return switchedAfterMs;
  };
  const scripted = async () => {
    await project.change(service);
    await script.build();
    const took = await script.release();
    theirs.push(took);
    return took;
  };
  const peer = { name: 'a shell script', measure: scripted };
  await context.pair({ name: 'from command to switched', unit: 'ms', rounds, ours: release, peer });
  const beyond = ours.map((took, round) => took - (theirs[round] ?? Number.NaN));
  // The first ones were for warming up.
  const median = { unit: 'ms', statistic: 'median' } as const;
  context.record({ ...median, name: 'of it beside start and readiness', samples: own.slice(1), bar: most });
  context.record({ ...median, name: 'longer than the script', samples: beyond.slice(1), bar: most });
  await measureCompose(place, { service, rounds: context.quick ? 1 : rounds }, context);
}

/** It stops the version before first: nobody answers until the next one does. */
async function measureCompose(
  place: Place,
  { service, rounds }: { readonly service: string; readonly rounds: number },
  context: Context,
): Promise<void> {
  const compose = await openComposeStack(place, service);
  const samples: number[] = [];
  while (samples.length < rounds) {
    await place.project.change(service);
    await compose.build();
    samples.push(await elapsedMs(() => compose.up()));
  }
  context.record({ name: 'docker-compose up', unit: 'ms', samples, statistic: 'median' });
}

function notSwitched(service: string): BenchmarkError {
  return new BenchmarkError('BENCH_WRONG_RESULT', `a new version of ${service} was not switched to`, {
    hint: 'maestro history says why',
  });
}
