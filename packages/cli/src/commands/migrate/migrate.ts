import type { AddCommand } from '../command.ts';
import { addAdopt } from './adopt.ts';
import { addCreate } from './create.ts';
import { addLint } from './lint.ts';
import { addRepair } from './repair.ts';
import { addMigrationRollback } from './rollback.ts';
import { addRun } from './run.ts';
import { addMigrationStatus } from './status.ts';

const commands: readonly AddCommand[] = [
  addRun,
  addMigrationStatus,
  addMigrationRollback,
  addCreate,
  addLint,
  addRepair,
  addAdopt,
];

export const addMigrate: AddCommand = (program, choose) => {
  const migrate = program
    .command('migrate')
    .description('the migrations of the databases: run, look at, revert, write, judge');
  for (const add of commands) add(migrate, choose);
};
