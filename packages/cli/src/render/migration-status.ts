import type { BatchStatus, DatabaseStatus, MigrationStatus } from '@maestro/orchestrator';

import type { Colors } from '../terminal.ts';
import type { Style } from './style.ts';
import { alignedTables, table } from './table.ts';
import { formatAge } from './times.ts';

/** Where each database stands: a line each, and below it what is not applied, or not as it was. */
export function renderMigrationStatus(environment: string, { databases }: BatchStatus, style: Style): string {
  if (databases.length === 0) return `No service of ${environment} has a database.`;
  const heads = table(databases.map((database) => headRow(database, style)));
  const details = alignedTables(
    databases.map((database) => ('status' in database ? detailRows(database.status, environment, style.colors) : [])),
    '  ',
  );
  return databases.flatMap((_, index) => [heads[index] ?? '', ...(details[index] ?? [])]).join('\n');
}

function headRow(database: DatabaseStatus, { colors, now }: Style): string[] {
  const name = colors.bold(database.name);
  if ('error' in database) {
    return [name, colors.red('unknown'), `${database.error.code}: ${database.error.message}`];
  }
  const { applied, pending } = database.status;
  const last = applied.at(-1);
  return [
    name,
    `${applied.length} applied`,
    pending.length === 0 ? colors.green('up to date') : `${pending.length} pending`,
    last === undefined ? '' : `last ${last.name}, ${formatAge(last.at, now)} by ${last.by}`,
  ];
}

function detailRows(status: MigrationStatus, environment: string, colors: Colors): string[][] {
  const { pending, waiting, late, drifted, missing, unfinished } = status;
  return [
    ...pending.map((name) => {
      if (waiting.includes(name)) return ['waits', name, `for: maestro migrate run --phase contract -e ${environment}`];
      return ['pending', name, late.includes(name) ? colors.yellow('late: a newer one is applied') : ''];
    }),
    ...drifted.map((name) => [colors.red('drifted'), name, 'its file changed after it was applied']),
    ...missing.map((name) => [colors.red('missing'), name, 'it was applied, and has no file']),
    ...unfinished.map(({ name, done, total, unknown }) => [
      colors.red('unfinished'),
      name,
      `${done} of ${total} statements${unknown === null ? '' : `; nobody knows about: ${unknown}`}`,
    ]),
  ];
}
