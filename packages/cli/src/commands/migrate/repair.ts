import { Option } from 'commander';

import { usageError } from '../../errors.ts';
import type { AddCommand } from '../command.ts';
import { withServiceOption } from './service-options.ts';

interface Flags {
  readonly service: string;
  readonly applied?: string;
  readonly retry?: string;
}

export const addRepair: AddCommand = (migrate, choose) => {
  withServiceOption(migrate.command('repair'))
    .description('say of a statement whose outcome nobody knows whether it was done')
    .option('--applied <migration>', 'its statement was done: the next run goes on after it')
    .addOption(new Option('--retry <migration>', 'it was not done: the next run does it').conflicts('applied'))
    .action(({ service, applied, retry }: Flags) => {
      choose({
        name: 'migrate repair',
        run: async ({ environment, signal }) => {
          const target = applied === undefined ? retriedOf(retry) : { applied };
          await environment.migrations.repair({ service, ...target, signal });
          const next = `maestro migrate run --service ${service} -e ${environment.name}`;
          return { data: { service, ...target }, render: () => `${service}: noted.\nNext: ${next}` };
        },
      });
    });
};

function retriedOf(retry: string | undefined) {
  if (retry !== undefined) return { retry };
  throw usageError('repair needs --applied <migration> or --retry <migration>', 'maestro migrate status names it');
}
