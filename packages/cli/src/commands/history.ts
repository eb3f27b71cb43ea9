import type { ReleaseRecord } from '@maestro/orchestrator';

import { renderHistory } from '../render/history.ts';
import type { AddCommand } from './command.ts';

export const addHistory: AddCommand = (program, choose) => {
  program
    .command('history')
    .description('show the last releases, newest first')
    .action(() => {
      choose({
        name: 'history',
        run: async ({ environment, signal }) => {
          const records = await environment.history({ signal });
          return {
            data: { releases: records.map(audited) },
            render: (style) => renderHistory(environment.name, records, style),
          };
        },
      });
    });
};

/** Who did what, when, from which commits and by which plan, and what came of it; null for what older records do not say. */
function audited({ services, ...record }: ReleaseRecord) {
  const { id, at, by, kind, outcome, reason, durationMs, previousHealthy, restores } = record;
  const { planHash = null, switchMs = null, unjudged = [] } = record;
  return {
    id,
    at,
    by,
    kind,
    outcome,
    reason,
    durationMs,
    switchMs,
    planHash,
    previous: previousHealthy,
    restores,
    unjudged,
    services: services.map(({ name, image, digest, revision = null }) => ({ name, image, digest, revision })),
  };
}
