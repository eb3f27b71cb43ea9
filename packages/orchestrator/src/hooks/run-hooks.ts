import { isMaestroError, messageOf } from '@maestro/core';
import type { ReleaseStage } from '@maestro/registry';

import { callCommand, callFunction, type Caller } from '../commands/call.ts';
import type { HookDefinition } from '../release/call-definition.ts';
import type { ReleaseRun } from '../release/release-run.ts';
import { hookFailed } from './errors.ts';
import type { ScriptHook } from './script-hook.ts';

/** Does a stage with its hooks around it, one after the other. */
export async function stage<T>(
  run: ReleaseRun,
  name: ReleaseStage,
  { signal, work }: { readonly signal: AbortSignal; readonly work: () => Promise<T> },
): Promise<T> {
  await runHooks(run, { stage: name, when: 'before' }, signal);
  const result = await work();
  await runHooks(run, { stage: name, when: 'after' }, signal);
  return result;
}

/**
 * Calls the hooks of a place. Throws `ORCHESTRATOR_HOOK_FAILED` before the switch of a deployment; later, and in a rollback,
 * a hook that fails is told of and stops nothing.
 */
export async function runHooks(
  run: ReleaseRun,
  place: Pick<HookDefinition, 'stage' | 'when'>,
  signal: AbortSignal,
): Promise<void> {
  const hooks = run.definition.hooks.filter(({ stage: of, when }) => of === place.stage && when === place.when);
  for (const hook of hooks) {
    try {
      await run.step(hook.id, () =>
        callHook(run.caller, hook, {
          scripts: run.scripts.hooks,
          say: (message) => {
            run.say(hook.id, message);
          },
          signal,
        }),
      );
    } catch (error) {
      const told = isMaestroError(error, 'ORCHESTRATOR_HOOK_FAILED') || signal.aborted;
      if (stopsRelease(run, hook) || !told) throw error;
      const message = messageOf(error);
      run.failedHooks.push({ id: hook.id, stage: hook.stage, when: hook.when, message });
      run.parts.logger.warn('a hook failed', { release: run.id, hook: hook.id, error: message });
    }
  }
}

function stopsRelease({ definition }: ReleaseRun, hook: Pick<HookDefinition, 'stage' | 'when'>): boolean {
  return definition.kind === 'deploy' && !isAfterSwitch(hook);
}

const lateStages: ReadonlySet<ReleaseStage> = new Set(['bake', 'drain', 'record']);

/** Whether traffic has moved when a hook is called. */
export function isAfterSwitch({ stage: of, when }: Pick<HookDefinition, 'stage' | 'when'>): boolean {
  return lateStages.has(of) || (of === 'switch' && when === 'after');
}

export interface CallHookOptions {
  readonly scripts: readonly ScriptHook[];
  readonly say: (message: string) => void;
  readonly signal: AbortSignal;
}

/** Throws `ORCHESTRATOR_HOOK_FAILED`. */
export async function callHook(
  caller: Caller,
  hook: HookDefinition,
  { scripts, say, signal }: CallHookOptions,
): Promise<void> {
  const { id: step, service, timeoutMs } = hook;
  const place = `${hook.when} ${hook.stage}`;
  if (hook.kind === 'command') {
    const { passed, exit, lines, log } = await callCommand(caller, hook, { step, service, signal });
    if (!passed) throw hookFailed({ place, detail: `${hook.command.join(' ')}: ${exit}`, lines, log });
    return;
  }
  const script = scripts.find(({ name }) => name === hook.name);
  if (script === undefined) {
    throw hookFailed({ place, detail: `${hook.name} is a function of the script that deployed`, lines: [], log: null });
  }
  const { passed, exit } = await callFunction(caller, script.run, { step, timeoutMs, say, signal });
  if (!passed) throw hookFailed({ place, detail: `${hook.name}: ${exit}`, lines: [], log: null });
}
