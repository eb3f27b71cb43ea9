import { Option } from 'commander';

import { renderMigrationsPlan } from '../../render/migrations-plan.ts';
import { renderMigrationsRun } from '../../render/migrations-run.ts';
import type { AddCommand } from '../command.ts';
import { runFailure } from './run-failure.ts';
import { servicesOption } from './service-options.ts';

interface Flags {
  readonly service?: readonly string[];
  readonly phase: 'all' | 'contract' | 'expand';
  readonly plan?: string;
  readonly dryRun?: boolean;
}

export const addRun: AddCommand = (migrate, choose) => {
  const phase = new Option('--phase <phase>', 'what contracts waits until it is asked for');
  migrate
    .command('run')
    .description('apply what is pending, on all databases, or on none where one is refused')
    .addOption(servicesOption())
    .addOption(phase.choices(['expand', 'contract', 'all']).default('expand'))
    .option('--plan <hash>', 'the hash of a dry run seen before: refuse when it would now be another one')
    .addOption(new Option('--dry-run', 'show the exact SQL and its hash; changes nothing').conflicts('plan'))
    .action(({ service: services, phase, plan: planHash, dryRun }: Flags) => {
      choose({
        name: 'migrate run',
        run: async ({ environment, onEvent, signal }) => {
          if (dryRun === true) {
            const plan = await environment.migrations.plan({ services, phase, signal });
            return {
              data: { dryRun, ...plan },
              render: (style) => renderMigrationsPlan(environment.name, plan, style),
            };
          }
          const ran = await environment.migrations.run({ services, phase, planHash, onEvent, signal });
          return {
            data: { dryRun: false, ...ran },
            render: (style) => renderMigrationsRun(environment.name, ran, style),
            failure: runFailure(ran, signal),
          };
        },
      });
    });
};
