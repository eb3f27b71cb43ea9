import { planRelease, type PlanReleaseInput, type ReleasePlan } from '../plan/plan-release.ts';
import type { Parts } from './parts.ts';
import type { ServiceDefinition } from './release-definition.ts';
import { topologyMeanwhile } from './topology.ts';

type Input = Omit<PlanReleaseInput, 'live' | 'reloads'> & { readonly live: readonly ServiceDefinition[] };

/** Plans a release; the router tells whether it must load its configuration anew for it. */
export async function planWithReload(
  { environment, reloadsFor }: Pick<Parts, 'environment' | 'reloadsFor'>,
  input: Input,
): Promise<ReleasePlan> {
  const plan = planRelease({ ...input, reloads: false });
  if (plan.steps.length === 0) return plan;
  const topology = topologyMeanwhile(environment, input.live, { services: input.services, moves: plan.moves });
  return (await reloadsFor(topology)) ? planRelease({ ...input, reloads: true }) : plan;
}
