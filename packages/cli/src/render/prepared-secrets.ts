import type { PreparedEnvironment } from '@maestro/orchestrator';

import type { Style } from './style.ts';
import { table } from './table.ts';

/** What each service would get, by name and version. */
export function renderPrepared(
  environment: string,
  { store, services }: PreparedEnvironment,
  { colors }: Style,
): string {
  if (services.length === 0) return `No service of ${environment} needs a secret.`;
  const rows = services.flatMap(({ service, secrets }) =>
    secrets.map(({ name, version }, index) => [index === 0 ? colors.bold(service) : '', name, version]),
  );
  const names = new Set(services.flatMap(({ secrets }) => secrets.map(({ name }) => name)));
  return [...table(rows), `All there: ${names.size} of ${store}.`].join('\n');
}
