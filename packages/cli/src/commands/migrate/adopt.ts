import type { Adoption, AdoptionSource } from '@maestro/orchestrator';
import { Option } from 'commander';

import { usageError } from '../../errors.ts';
import type { AddCommand } from '../command.ts';
import { withServiceOption } from './service-options.ts';

interface Flags {
  readonly service: string;
  readonly from: AdoptionSource['from'];
  readonly table?: string;
  readonly upTo?: string;
  readonly dryRun?: boolean;
}

export const addAdopt: AddCommand = (migrate, choose) => {
  const from = new Option('--from <tool>', 'whose history it is; plain for a schema without one');
  withServiceOption(migrate.command('adopt'))
    .description('record as applied what another tool has applied; runs nothing')
    .addOption(from.choices(['alembic', 'flyway', 'prisma', 'plain']).makeOptionMandatory())
    .option('--up-to <migration>', 'the last migration that is applied, where the files do not say what they stand for')
    .option('--table <name>', "the other tool's table, where it has another name than usual")
    .option('--dry-run', 'only show what would be recorded')
    .action((flags: Flags) => {
      choose({
        name: 'migrate adopt',
        run: async ({ environment, onEvent, signal }) => {
          const { service, dryRun = false } = flags;
          const source = sourceOf(flags);
          const adoption = await environment.migrations.adopt({ service, ...source, dryRun, onEvent, signal });
          return { data: { service, dryRun, ...adoption }, render: () => renderAdoption(service, adoption, dryRun) };
        },
      });
    });
};

function sourceOf({ from, table, upTo }: Flags): AdoptionSource {
  if (table !== undefined && (from === 'plain' || from === 'prisma')) {
    throw usageError(`--table makes no sense with --from ${from}`, 'maestro migrate adopt --help');
  }
  if (from !== 'plain') return { from, table, upTo };
  if (upTo === undefined) {
    throw usageError('--from plain needs --up-to <migration>', 'maestro migrate status shows their names');
  }
  return { from, upTo };
}

function renderAdoption(service: string, { adopted, known }: Adoption, dryRun: boolean): string {
  const before = known.length === 0 ? '' : `, ${known.length} were recorded before`;
  if (adopted.length === 0) return `${service}: nothing to record${before}.`;
  return [
    `${service}: ${dryRun ? 'would record' : 'recorded'} ${adopted.length}${before}:`,
    ...adopted.map(indented),
  ].join('\n');
}

function indented(line: string): string {
  return `  ${line}`;
}
