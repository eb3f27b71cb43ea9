import type { ResolvedEnvironment } from '@maestro/registry';

import { definedGates } from '../gates/defined-gates.ts';
import { definedHooks } from '../hooks/defined-hooks.ts';
import { noCalls, planRelease, type PlanReleaseInput, type ReleaseCalls } from '../plan/plan-release.ts';
import type { Scripts } from './release-run.ts';

export interface ProposedCallsOptions {
  readonly environment: Pick<ResolvedEnvironment, 'gates' | 'hooks' | 'services'>;
  /** What the release is planned from. */
  readonly input: Omit<PlanReleaseInput, 'calls' | 'reloads'>;
  /** Jobs that the release runs where it has anything to do, and of these the ones that are a reason for it. */
  readonly jobs: readonly string[];
  readonly changedJobs: readonly string[];
  readonly scripts: Scripts;
}

/** The gates, hooks and jobs of a release: which of them it has depends on what it starts. */
export function proposedCalls(options: ProposedCallsOptions): ReleaseCalls {
  const { environment, input, jobs, changedJobs, scripts } = options;
  const { kind } = input;
  const planWith = (names: readonly string[]) =>
    planRelease({ ...input, reloads: false, calls: { ...noCalls, jobs: names } });
  if (planWith(changedJobs).steps.length === 0) return noCalls;
  const plan = planWith(jobs);
  const started = new Set(plan.services.filter(({ change }) => change !== 'keep').map(({ name }) => name));
  const steps = new Set(plan.steps.map((step) => step.kind));
  return {
    gates: kind === 'rollback' ? [] : definedGates({ environment, started, scripts: scripts.gates }),
    hooks: definedHooks({ environment, kind, started, steps, scripts: scripts.hooks }),
    jobs,
  };
}
