import { endingFirst, type Generation, slotsAfter, type Switched, type Verdict } from '@maestro/bluegreen';

import { servicesWithBoth } from '../plan/plan-steps.ts';
import { versionWorse } from './errors.ts';
import type { ReleaseRun } from './release-run.ts';

/** Gives new versions a growing share of the traffic. Throws `ORCHESTRATOR_VERSION_WORSE`, with the traffic where it was. */
export async function tryOut(run: ReleaseRun, signal: AbortSignal): Promise<void> {
  const { definition, plan, generation } = run;
  const { canarySteps, canaryStepMs, limits } = definition.trial;
  await run.step('canary', async () => {
    if (generation === null) return;
    const outcome = await run.blueGreen.canary({
      generation,
      services: servicesWithBoth(plan.moves),
      steps: canarySteps.map((percent) => ({ percent, forMs: canaryStepMs })),
      limits,
      fence: run.fence,
      signal,
    });
    run.generation = outcome.generation;
    if (outcome.kind === 'returned') throw versionWorse(run.id, findingsIn(outcome.worse));
  });
}

export async function switchTraffic(run: ReleaseRun): Promise<Switched> {
  const { plan, parts, generation } = run;
  const switched = await run.blueGreen.switchTo({
    release: run.id,
    slots: slotsAfter(generation, plan.moves),
    expected: generation?.number ?? null,
    fence: run.fence,
  });
  run.generation = switched.generation;
  if (run.awaySince !== null) {
    const services = endingFirst(plan.moves).map(({ service }) => service);
    const downMs = Math.round(parts.clock.monotonic() - run.awaySince);
    run.say('switch', `${services.join(', ')}: nobody answered for ${downMs} ms`);
  }
  return switched;
}

/**
 * Watches what was switched to, with the version before still warm. Throws `ORCHESTRATOR_VERSION_WORSE` where the traffic is
 * back where it was.
 */
export async function bakeVersion(run: ReleaseRun, previous: Generation | null, signal: AbortSignal): Promise<void> {
  const { bakeMs, limits } = run.definition.trial;
  await run.step('bake', async () => {
    const { generation } = run;
    if (generation === null || previous === null) return;
    const outcome = await run.blueGreen.bake({ generation, previous, bakeMs, limits, fence: run.fence, signal });
    if (outcome.kind === 'returned') {
      run.generation = outcome.generation;
      throw versionWorse(run.id, findingsIn(outcome.worse));
    }
    if (outcome.kind === 'stranded') {
      run.say('bake', `worse than before, but the version before runs no more: ${findingsIn(outcome.worse)}`);
      run.parts.logger.error('a new version is worse than the one before, which runs no more', { release: run.id });
    }
  });
}

function findingsIn(worse: readonly Verdict[]): string {
  return worse.flatMap(({ service, findings }) => findings.map(({ detail }) => `${service}: ${detail}`)).join('; ');
}
