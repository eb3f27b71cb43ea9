import type { Column, Constraint, Index } from './operations.ts';

/** What the migrations so far say about a table. */
export interface KnownTable {
  /** Whether the migrations say all of it. */
  readonly isWhole: boolean;
  readonly columns: Map<string, Column>;
  readonly constraints: Constraint[];
  readonly indexes: Index[];
}

/** The first columns of an index or key, in whatever order, are those of the foreign key. */
export function isIndexed({ constraints, indexes }: KnownTable, columns: readonly string[]): boolean {
  const keys = constraints.filter(({ kind }) => kind === 'primary-key' || kind === 'unique');
  const candidates = [...keys, ...indexes.filter(({ partial }) => !partial)];
  return candidates.some((one) => sameColumns(one.columns.slice(0, columns.length), columns));
}

export function sameColumns(one: readonly (string | undefined)[], other: readonly string[]): boolean {
  return one.length === other.length && other.every((column) => one.includes(column));
}

export function remove<T>(from: T[], isGone: (item: T) => boolean): void {
  for (let index = from.length - 1; index >= 0; index -= 1) {
    const item = from[index];
    if (item !== undefined && isGone(item)) from.splice(index, 1);
  }
}

/** By its name, or the one that PostgreSQL or MySQL gives it where it has none. */
export function isCalled(constraint: Constraint, name: string, table: string): boolean {
  return constraint.name === undefined ? namesGiven(constraint, table).includes(name) : constraint.name === name;
}

function namesGiven({ kind, columns }: Constraint, table: string): string[] {
  const bare = table.split('.').at(-1) ?? table;
  const joined = [bare, ...columns].join('_');
  switch (kind) {
    case 'primary-key':
      return [`${bare}_pkey`, 'primary'];
    case 'unique':
      return [`${joined}_key`, columns[0] ?? ''];
    case 'foreign-key':
      return [`${joined}_fkey`];
    case 'check':
      return [`${joined}_check`];
    case 'not-null':
      return [`${joined}_not_null`];
    case 'exclusion':
      return [`${joined}_excl`];
  }
}
