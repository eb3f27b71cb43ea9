import { InvalidArgumentError, Option } from 'commander';

import type { AddCommand } from '../command.ts';
import { withServiceOption } from './service-options.ts';

interface Flags {
  readonly service: string;
  readonly steps?: number;
  readonly to?: string;
}

export const addMigrationRollback: AddCommand = (migrate, choose) => {
  withServiceOption(migrate.command('rollback'))
    .description('revert the last migrations of one database, the last applied first; asks first')
    .addOption(new Option('--steps <count>', 'how many; 1 by default').argParser(readCount))
    .addOption(new Option('--to <migration>', 'the applied migration to stop before, which stays').conflicts('steps'))
    .action(({ service, steps = 1, to }: Flags) => {
      choose({
        name: 'migrate rollback',
        question: (environment) =>
          `Revert ${to === undefined ? count(steps) : `what was applied after ${to}`} in the database of ${service} of ` +
          `${environment}? What they added goes, its data too.`,
        run: async ({ environment, onEvent, signal }) => {
          const target = to === undefined ? { steps } : { to };
          const { reverted } = await environment.migrations.rollback({ service, ...target, onEvent, signal });
          return { data: { service, reverted }, render: () => renderReverted(service, reverted) };
        },
      });
    });
};

function readCount(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('It is a whole number from 1 on.');
  return Number(text);
}

function renderReverted(service: string, reverted: readonly string[]): string {
  if (reverted.length === 0) return `${service}: nothing to revert.`;
  return `${service}: reverted ${reverted.join(', ')}.`;
}

function count(steps: number): string {
  return steps === 1 ? 'the last migration' : `the last ${steps} migrations`;
}
