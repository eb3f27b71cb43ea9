import type { GateDefinition, HookDefinition } from '../release/call-definition.ts';
import type { PlanStep } from './plan.ts';

export type Step = Omit<PlanStep, 'irreversible'>;

/** Those that follow a stage. */
export function gateSteps(gates: readonly GateDefinition[], after: GateDefinition['after']): readonly Step[] {
  return gates
    .filter((gate) => gate.after === after)
    .map((gate): Step => ({
      id: gate.id,
      kind: 'gate',
      ...(gate.service === null ? {} : { service: gate.service }),
      summary: `gate ${gate.name}${gate.service === null ? '' : ` of ${gate.service}`}: ${gateInWords(gate)}`,
    }));
}

function gateInWords(gate: GateDefinition): string {
  switch (gate.kind) {
    case 'command': {
      const metrics = Object.entries(gate.coverage?.minimum ?? {}).map(([name, least]) => `${name} ${least} %`);
      return [gate.command.join(' '), ...(metrics.length === 0 ? [] : [`coverage of ${metrics.join(', ')}`])].join(
        '; ',
      );
    }
    case 'http':
      return gate.check.kind === 'http' ? `${gate.check.path} of the new instance` : 'the new instance';
    case 'function':
      return 'a function of the script';
  }
}

/** The steps of a stage with its hooks around them. */
export function around(
  hooks: readonly HookDefinition[],
  stage: HookDefinition['stage'],
  steps: readonly Step[],
): readonly Step[] {
  return [...hookSteps(hooks, { stage, when: 'before' }), ...steps, ...hookSteps(hooks, { stage, when: 'after' })];
}

/** Those of one place, in their order. */
export function hookSteps(
  hooks: readonly HookDefinition[],
  { stage, when }: Pick<HookDefinition, 'stage' | 'when'>,
): readonly Step[] {
  return hooks
    .filter((hook) => hook.stage === stage && hook.when === when)
    .map((hook): Step => ({
      id: hook.id,
      kind: 'hook',
      ...(hook.service === null ? {} : { service: hook.service }),
      summary: `${when} ${stage}: ${hook.kind === 'command' ? hook.command.join(' ') : `${hook.name} of the script`}`,
    }));
}
