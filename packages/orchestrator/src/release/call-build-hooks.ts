import type { RunOptions } from '../environment.ts';
import { callHook } from '../hooks/run-hooks.ts';
import type { HeldLock } from '../lock/deployment-lock.ts';
import { announcedStep } from './announced-step.ts';
import type { Parts } from './parts.ts';
import type { HookDefinition } from './call-definition.ts';
import type { ReleaseFacts } from './release-document.ts';
import type { Scripts } from './release-run.ts';

export interface CallBuildHooksOptions extends Pick<RunOptions, 'onEvent'> {
  readonly facts: ReleaseFacts;
  /** Of all stages. */
  readonly hooks: readonly HookDefinition[];
  readonly when: HookDefinition['when'];
  readonly scripts: Scripts;
  readonly lock: HeldLock;
  readonly signal: AbortSignal;
}

/** The hooks around the build, which comes before the release is written down. Throws `ORCHESTRATOR_HOOK_FAILED`. */
export async function callBuildHooks(parts: Parts, options: CallBuildHooksOptions): Promise<void> {
  const { facts, hooks, when, scripts, lock, onEvent, signal } = options;
  const caller = {
    parts,
    facts,
    known: new Map(),
    instances: async () => (await parts.blueGreen().observe({ signal })).instances,
  };
  for (const hook of hooks.filter(({ stage, when: of }) => stage === 'build' && of === when)) {
    const step = facts.plan.steps.find(({ id }) => id === hook.id);
    await announcedStep(parts, { id: facts.id, step, lock, onEvent }, (say) =>
      callHook(caller, hook, { scripts: scripts.hooks, say, signal }),
    );
  }
}
