import type { ResolvedEnvironment, ResolvedGate } from '@maestro/registry';

import type { GateDefinition } from '../release/call-definition.ts';
import type { ScriptGate } from './script-gate.ts';

export interface DefinedGatesOptions {
  readonly environment: Pick<ResolvedEnvironment, 'gates' | 'services'>;
  /** The services that the release starts. */
  readonly started: ReadonlySet<string>;
  readonly scripts: readonly ScriptGate[];
}

const defaultTimeoutMs = 600_000;

/** The gates of a release: those of the environment, then those of the services that it starts, then the script's. */
export function definedGates({ environment, started, scripts }: DefinedGatesOptions): GateDefinition[] {
  return [
    ...environment.gates.map((gate) => defined(gate, null)),
    ...environment.services
      .filter(({ name }) => started.has(name))
      .flatMap(({ name, gates, strategy }) =>
        // A job has no instance that could be asked.
        gates.filter(({ after }) => after === 'images' || strategy.kind !== 'job').map((gate) => defined(gate, name)),
      ),
    ...scripts.map(({ name, after = 'images', timeoutMs = defaultTimeoutMs }): GateDefinition => {
      return { id: `gate:script:${name}`, name, service: null, after, kind: 'function', timeoutMs };
    }),
  ];
}

function defined(gate: ResolvedGate, service: string | null): GateDefinition {
  const id = ['gate', ...(service === null ? [] : [service]), gate.name].join(':');
  const { name, after } = gate;
  const place = { id, name, service, after };
  if (gate.kind === 'http') return { ...place, kind: gate.kind, check: gate.check };
  const { kind, command, folder, timeoutMs, pass, coverage } = gate;
  const minimum = Object.fromEntries(Object.entries(coverage?.minimum ?? {}));
  return {
    ...place,
    ...{ kind, command: [...command], folder, timeoutMs, pass: [...pass] },
    coverage: coverage === null ? null : { file: coverage.file, minimum },
  };
}
