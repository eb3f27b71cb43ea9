import type { Context } from '../../benchmark.ts';
import { BenchmarkError } from '../../errors.ts';
import { elapsedMs } from '../../measure/elapsed.ts';
import type { Place } from './place.ts';
import { startOfNode } from './version-start.ts';

/** A look at what runs, and a release that finds nothing to do. */
export async function compareStandingStill(place: Place, context: Context): Promise<void> {
  const { docker, project, signal } = place;
  const count = project.services.length;
  const node = startOfNode(signal);
  await context.pair({
    name: `status, ${count} services`,
    unit: 'ms',
    rounds: context.quick ? 6 : 20,
    ours: async () => (await project.maestro('status')).elapsedMs,
    peer: {
      name: 'docker ps and node -e 0',
      measure: async () => (await elapsedMs(() => docker.run(['ps']))) + (await node()),
    },
    bar: { of: 'ratio', atMost: 2 },
  });
  const samples: number[] = [];
  while (samples.length < (context.quick ? 3 : 10)) {
    const { elapsedMs: took, result } = await project.maestro('deploy');
    if (result.outcome !== 'unchanged') throw notUnchanged();
    samples.push(took);
  }
  context.record({
    name: `deploy with nothing to do, ${count} services`,
    unit: 'ms',
    samples,
    statistic: 'median',
    bar: { of: 'value', atMost: 1_000 },
  });
}

function notUnchanged(): BenchmarkError {
  return new BenchmarkError('BENCH_WRONG_RESULT', 'a release found something to do where nothing had changed', {
    hint: 'maestro plan says what',
  });
}
