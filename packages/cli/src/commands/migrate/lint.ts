import type { MigrationFinding } from '@maestro/orchestrator';

import { CliError } from '../../errors.ts';
import { renderFindings } from '../../render/migration-findings.ts';
import type { AddCommand } from '../command.ts';
import { servicesOption } from './service-options.ts';

export const addLint: AddCommand = (migrate, choose) => {
  migrate
    .command('lint')
    .description('judge the migrations by their text: what breaks the running version, blocks it or fails')
    .addOption(servicesOption())
    .action(({ service: services }: { readonly service?: readonly string[] }) => {
      choose({
        name: 'migrate lint',
        run: async ({ environment, signal }) => {
          const findings = await environment.migrations.lint({ services, signal });
          return {
            data: { findings },
            render: (style) => renderFindings(findings, style),
            failure: lintFailure(findings),
          };
        },
      });
    });
};

function lintFailure(findings: readonly MigrationFinding[]): CliError | undefined {
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return undefined;
  const message = `${errors.length === 1 ? '1 error' : `${errors.length} errors`} in the migrations`;
  return new CliError('CLI_LINT_REFUSED', message, {
    hint: 'do what each finding says, or except it with a reason: -- lint: allow <rule> because <reason>',
    details: { errors: errors.length },
  });
}
