import type { EnvironmentSecret } from '@maestro/orchestrator';

import type { Colors } from '../terminal.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';

/** The secrets of an environment, a line each. */
export function renderSecrets(environment: string, secrets: readonly EnvironmentSecret[], { colors }: Style): string {
  if (secrets.length === 0) return `No secrets in ${environment}.`;
  return table(secrets.map((secret) => row(secret, colors))).join('\n');
}

function row({ name, state, version, services, kmsKey }: EnvironmentSecret, colors: Colors): readonly string[] {
  return [
    colors.bold(name),
    state === 'stored' ? state : colors.red(state),
    version ?? '-',
    services.length === 0 ? colors.dim('needed by no service') : services.join(', '),
    kmsKey ?? '',
  ];
}
