import { type ReleaseStage, releaseStages, type ResolvedHook } from '@maestro/registry';
import { expect, it } from 'vitest';

import type { StepKind } from '../plan/plan.ts';
import { definedHooks, type DefinedHooksOptions } from './defined-hooks.ts';

function hook(stage: ReleaseStage, when: 'before' | 'after', command = 'true'): ResolvedHook {
  return { stage, when, command: [command], folder: '/srv', timeoutMs: 1_000, pass: [] };
}

function ids(options: Partial<DefinedHooksOptions> & { readonly of: readonly ResolvedHook[] }): readonly string[] {
  const { of: hooks, ...others } = options;
  return definedHooks({
    environment: { hooks, services: [] },
    kind: 'deploy',
    started: new Set(),
    steps: new Set(),
    scripts: [],
    ...others,
  }).map(({ id }) => id);
}

const everywhere = releaseStages.flatMap((stage) => [hook(stage, 'before'), hook(stage, 'after')]);

it('calls the hooks of the stages that a release has, in the order of the stages', () => {
  const stages = (called: readonly string[]) => called.map((id) => id.replace(/^hook:|:1$/g, ''));
  const always = ['images', 'gates', 'secrets', 'migrate', 'start', 'switch', 'drain', 'record'];
  const both = (names: readonly string[]) => names.flatMap((name) => [`before-${name}`, `after-${name}`]);
  expect(stages(ids({ of: everywhere }))).toEqual(both(always));
  const all: ReadonlySet<StepKind> = new Set(['build', 'scan', 'canary', 'bake']);
  expect(stages(ids({ of: everywhere, steps: all }))).toEqual(both(releaseStages));
  expect(stages(ids({ of: everywhere, kind: 'rollback', steps: all }))).toEqual(
    both(['secrets', 'start', 'switch', 'drain', 'record']),
  );
});

it('calls at one place those of the environment, of the services that are started, and of the script', () => {
  const scripts = [{ name: 'note', stage: 'switch', when: 'before', run: () => undefined }] as const;
  const own = [hook('switch', 'before'), hook('switch', 'before')];
  const services = [
    { name: 'api', hooks: own },
    { name: 'web', hooks: own },
  ] as unknown as DefinedHooksOptions['environment']['services'];
  const environment = { hooks: [hook('switch', 'before')], services };
  expect(ids({ of: [], environment, started: new Set(['web']), scripts })).toEqual([
    'hook:before-switch:1',
    'hook:before-switch:web:1',
    'hook:before-switch:web:2',
    'hook:before-switch:script:note',
  ]);
});
