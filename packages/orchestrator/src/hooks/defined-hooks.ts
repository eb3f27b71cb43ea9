import { type ReleaseStage, releaseStages, type ResolvedEnvironment, type ResolvedHook } from '@maestro/registry';

import type { StepKind } from '../plan/plan.ts';
import type { HookDefinition } from '../release/call-definition.ts';
import type { ScriptHook } from './script-hook.ts';

export interface DefinedHooksOptions {
  readonly environment: Pick<ResolvedEnvironment, 'hooks' | 'services'>;
  readonly kind: 'deploy' | 'rollback';
  /** The services that the release starts. */
  readonly started: ReadonlySet<string>;
  /** Kinds of the steps that it has. */
  readonly steps: ReadonlySet<StepKind>;
  readonly scripts: readonly ScriptHook[];
}

const defaultTimeoutMs = 60_000;

/** Stages that not every deployment has. */
const sometimes: ReadonlySet<ReleaseStage> = new Set(['build', 'scan', 'canary', 'bake']);
const inRollbacks: ReadonlySet<ReleaseStage> = new Set(['secrets', 'start', 'switch', 'drain', 'record']);

/**
 * The hooks of a release, in the order in which they are called: by stage and place, there those of the environment, then
 * those of the services that it starts, each after what it depends on, then the script's.
 */
export function definedHooks(options: DefinedHooksOptions): HookDefinition[] {
  const { environment, kind, started, steps, scripts } = options;
  const services = environment.services.filter(({ name }) => started.has(name));
  const has = (stage: ReleaseStage) =>
    kind === 'rollback' ? inRollbacks.has(stage) : !sometimes.has(stage) || steps.has(stage as StepKind);
  return releaseStages.filter(has).flatMap((stage) =>
    (['before', 'after'] as const).flatMap((when) => {
      const here = (hook: Pick<ResolvedHook, 'stage' | 'when'>) => hook.stage === stage && hook.when === when;
      return [
        ...commands(environment.hooks.filter(here), null),
        ...services.flatMap(({ name, hooks }) => commands(hooks.filter(here), name)),
        ...scripts.filter(here).map(({ name, timeoutMs = defaultTimeoutMs }): HookDefinition => {
          return {
            id: `hook:${when}-${stage}:script:${name}`,
            stage,
            when,
            service: null,
            kind: 'function',
            name,
            timeoutMs,
          };
        }),
      ];
    }),
  );
}

function commands(hooks: readonly ResolvedHook[], service: string | null): HookDefinition[] {
  return hooks.map(({ stage, when, command, folder, timeoutMs, pass }, index) => {
    const own = service === null ? [] : [service];
    const id = ['hook', `${when}-${stage}`, ...own, String(index + 1)].join(':');
    return { id, stage, when, service, kind: 'command', command: [...command], folder, timeoutMs, pass: [...pass] };
  });
}
