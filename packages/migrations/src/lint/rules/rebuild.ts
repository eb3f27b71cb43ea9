import type { KnownSchema } from '../known-schema.ts';
import type { Column, Constraint, OperationOf, Statement } from '../operations.ts';
import type { Rule } from '../rule.ts';

/** Whether a new table takes this one's name further on, as when SQLite cannot change it in place. */
export function isRebuilt(table: string, all: readonly Statement[]): boolean {
  return successorOf(table, all) !== undefined;
}

export const rebuildRule: Rule = {
  name: 'rebuild-table',
  harm: 'breaks',
  checks: {
    'drop-table': ({ table }, { schema, all }) => {
      const successor = successorOf(table, all);
      if (successor === undefined || schema.isNew(table)) return undefined;
      const stricter = strictness(schema, table, successor);
      if (stricter === undefined) return undefined;
      return {
        why: `the version that is still running may not fit the table that replaces ${table}: ${stricter}`,
        fix: 'keep every column with its type and require nothing new, or rebuild it in the phase contract',
      };
    },
  },
};

function successorOf(table: string, all: readonly Statement[]): OperationOf<'create-table'> | undefined {
  const operations = all.flatMap((statement) => statement.operations);
  const renamed = operations.find((one) => one.kind === 'rename-table' && one.to === table);
  const from = renamed?.kind === 'rename-table' ? renamed.table : undefined;
  return operations.find(
    (one): one is OperationOf<'create-table'> => one.kind === 'create-table' && one.table === from,
  );
}

/** What the successor lacks or asks for that the table does not; undefined where it takes all that the table takes. */
function strictness(schema: KnownSchema, table: string, successor: OperationOf<'create-table'>): string | undefined {
  const before = schema.whole(table);
  if (before === undefined) return `no migration says what ${table} looks like`;
  const after = new Map(successor.columns.map((column) => [column.name, column]));
  for (const column of before.columns) {
    const change = columnChange(column, after.get(column.name));
    if (change !== undefined) return change;
  }
  const known = new Set(before.columns.map(({ name }) => name));
  const required = successor.columns.find((one) => !known.has(one.name) && one.notNull && one.default === 'none');
  if (required !== undefined) return `the column ${required.name} is required`;
  const added = successor.constraints.find((one) => !before.constraints.some((other) => isSame(one, other)));
  return added === undefined ? undefined : `there is a new ${added.kind} constraint`;
}

function columnChange(before: Column, after: Column | undefined): string | undefined {
  if (after === undefined) return `the column ${before.name} is gone`;
  if (JSON.stringify(after.type) !== JSON.stringify(before.type)) return `the column ${before.name} has another type`;
  if (before.default !== 'none' && after.default === 'none') return `the column ${before.name} has no default`;
  if (before.notNull && !after.notNull) return `the column ${before.name} may be NULL`;
  return after.notNull && !before.notNull ? `the column ${before.name} is required` : undefined;
}

function isSame(one: Constraint, other: Constraint): boolean {
  const shapeOf = ({ kind, columns, references, expression }: Constraint) =>
    JSON.stringify([kind, [...columns].sort(), references, expression]);
  return shapeOf(one) === shapeOf(other);
}
