import { Option } from 'commander';

import { renderDiff } from '../../render/secrets-diff.ts';
import type { AddCommand } from '../command.ts';
import { servicesOption } from './options.ts';

interface Flags {
  readonly file?: string;
  readonly from?: string;
  readonly service?: readonly string[];
}

export const addDiff: AddCommand = (secrets, choose) => {
  secrets
    .command('diff')
    .description('show what differs from a .env file or from another environment, without any value')
    .addOption(new Option('--file <file>', 'the .env file; .env.<environment> beside the configuration by default'))
    .addOption(new Option('--from <environment>', 'another environment, in place of a file').conflicts('file'))
    .addOption(servicesOption())
    .action(({ file, from, service: services }: Flags) => {
      choose({
        name: 'secrets diff',
        run: async ({ environment, signal }) => {
          const source = from === undefined ? { file } : { environment: from };
          const diff = await environment.secrets.diff({ ...source, services, signal });
          return { data: { ...diff }, render: (style) => renderDiff(diff, style) };
        },
      });
    });
};
