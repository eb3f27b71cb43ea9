import type { BatchStatus } from '@maestro/orchestrator';

import { CliError } from '../../errors.ts';
import { renderMigrationStatus } from '../../render/migration-status.ts';
import type { AddCommand } from '../command.ts';
import { servicesOption } from './service-options.ts';

export const addMigrationStatus: AddCommand = (migrate, choose) => {
  migrate
    .command('status')
    .description('show what is applied, pending, late, drifted, missing or unfinished on each database')
    .addOption(servicesOption())
    .action(({ service: services }: { readonly service?: readonly string[] }) => {
      choose({
        name: 'migrate status',
        run: async ({ environment, signal }) => {
          const status = await environment.migrations.status({ services, signal });
          return {
            data: { ...status },
            render: (style) => renderMigrationStatus(environment.name, status, style),
            failure: statusFailure(status),
          };
        },
      });
    });
};

function statusFailure({ databases }: BatchStatus): CliError | undefined {
  const unknown = databases.flatMap((database) => ('error' in database ? [database] : []));
  const [first] = unknown;
  if (first === undefined) return undefined;
  const names = unknown.map(({ name }) => name);
  const { hint } = first.error;
  return new CliError('CLI_MIGRATIONS_FAILED', `the status of ${names.join(', ')} is not known`, {
    ...(hint === undefined ? {} : { hint }),
    details: { databases: names },
  });
}
