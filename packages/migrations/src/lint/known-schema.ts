import { isCalled, isIndexed, type KnownTable, remove, sameColumns } from './known-table.ts';
import type { Column, Constraint, Index, Operation, OperationOf } from './operations.ts';

/** A foreign key, and where it was written. */
export interface ForeignKey {
  readonly table: string;
  readonly columns: readonly string[];
  readonly file: string;
  readonly at: number;
}

/** What the migrations so far say about the schema; of tables that they did not create, only a part. */
export class KnownSchema {
  readonly #tables = new Map<string, KnownTable>();
  readonly #foreignKeys: ForeignKey[] = [];
  /** Of the file that is being read: nothing that runs knows of them yet. */
  readonly #newTables = new Set<string>();
  readonly #newColumns = new Set<string>();
  #file = '';

  startFile(file: string): void {
    this.#file = file;
    this.#newTables.clear();
    this.#newColumns.clear();
  }

  /** Whether this file made the table, so that nobody uses it yet. */
  isNew(table: string): boolean {
    return this.#newTables.has(table);
  }

  /** Whether the version that is running can know the column. */
  isNewColumn(table: string, column: string): boolean {
    return this.isNew(table) || this.#newColumns.has(keyOf(table, column));
  }

  /** All of a table that a migration made. */
  whole(
    table: string,
  ): { readonly columns: readonly Column[]; readonly constraints: readonly Constraint[] } | undefined {
    const known = this.#tables.get(table);
    return known?.isWhole === true
      ? { columns: [...known.columns.values()], constraints: known.constraints }
      : undefined;
  }

  column(table: string, column: string): Column | undefined {
    return this.#tables.get(table)?.columns.get(column);
  }

  /** Whether NULL cannot be in it, so that saying so needs no scan. */
  isNotNull(table: string, column: string): boolean {
    const known = this.#tables.get(table);
    const isProven = known?.constraints.some((one) => one.validated && one.provesNotNull.includes(column));
    return known?.columns.get(column)?.notNull === true || isProven === true;
  }

  constraint(table: string, name: string): Constraint | undefined {
    return this.#tables.get(table)?.constraints.find((one) => isCalled(one, name, table));
  }

  /** Whether a check reads the column. */
  isChecked(table: string, column: string): boolean {
    const constraints = this.#tables.get(table)?.constraints ?? [];
    return constraints.some(({ kind, columns }) => kind === 'check' && columns.includes(column));
  }

  indexNamed(name: string): { readonly table: string; readonly index: Index } | undefined {
    for (const [table, { indexes }] of this.#tables) {
      const index = indexes.find((one) => one.name === name);
      if (index !== undefined) return { table, index };
    }
    return undefined;
  }

  /** Foreign keys whose columns no index starts with, as far as the migrations tell. */
  unindexedForeignKeys(): readonly ForeignKey[] {
    return this.#foreignKeys.filter(({ table, columns }) => {
      const known = this.#tables.get(table);
      if (known === undefined || columns.length === 0) return false;
      return columns.every((column) => known.columns.has(column)) && !isIndexed(known, columns);
    });
  }

  apply(operation: Operation): void {
    switch (operation.kind) {
      case 'create-table':
        this.#create(operation);
        break;
      case 'create-object':
        if (operation.object === 'materialized view') this.#newTables.add(operation.name);
        break;
      case 'drop-table':
        this.#forget(operation.table);
        break;
      case 'rename-table':
        this.#rename(operation.table, operation.to);
        break;
      case 'add-column':
        this.#of(operation.table).columns.set(operation.added.name, operation.added);
        this.#newColumns.add(keyOf(operation.table, operation.added.name));
        break;
      case 'drop-column':
        this.#of(operation.table).columns.delete(operation.column);
        break;
      case 'rename-column':
        this.#renameColumn(operation.table, operation.column, operation.to);
        break;
      case 'change-type':
        this.#update(operation.table, operation.column, { type: operation.type });
        break;
      case 'set-not-null':
      case 'drop-not-null':
        this.#update(operation.table, operation.column, { notNull: operation.kind === 'set-not-null' });
        break;
      case 'set-default':
      case 'drop-default':
        this.#update(operation.table, operation.column, {
          default: operation.kind === 'set-default' ? 'constant' : 'none',
        });
        break;
      case 'add-constraint':
        this.#constrain(operation.table, operation.constraint, operation.at);
        break;
      case 'validate-constraint':
        this.#validate(operation.table, operation.name);
        break;
      case 'drop-constraint':
        this.#unconstrain(operation.table, operation.name);
        break;
      case 'create-index':
        this.#of(operation.table).indexes.push(operation.index);
        break;
      case 'drop-index':
        for (const { indexes } of this.#tables.values()) remove(indexes, ({ name }) => name === operation.name);
        break;
      default:
        break;
    }
  }

  #of(table: string): KnownTable {
    const known = this.#tables.get(table) ?? { isWhole: false, columns: new Map(), constraints: [], indexes: [] };
    this.#tables.set(table, known);
    return known;
  }

  #create({ table, columns, constraints, isWhole, ifNotExists, at }: OperationOf<'create-table'>): void {
    if (ifNotExists && this.#tables.has(table)) return;
    this.#tables.set(table, {
      isWhole,
      columns: new Map(columns.map((column) => [column.name, column])),
      constraints: [],
      indexes: [],
    });
    this.#newTables.add(table);
    for (const constraint of constraints) this.#constrain(table, constraint, at);
  }

  #forget(table: string): void {
    this.#tables.delete(table);
    this.#newTables.delete(table);
    remove(this.#foreignKeys, (key) => key.table === table);
  }

  #rename(table: string, to: string): void {
    const known = this.#of(table);
    const wasNew = this.isNew(table);
    const keys = this.#foreignKeys.filter((key) => key.table === table);
    this.#forget(table);
    this.#tables.set(to, known);
    this.#foreignKeys.push(...keys.map((key) => ({ ...key, table: to })));
    if (wasNew) this.#newTables.add(to);
  }

  #renameColumn(table: string, column: string, to: string): void {
    const { columns } = this.#of(table);
    const known = columns.get(column);
    columns.delete(column);
    if (known !== undefined) columns.set(to, { ...known, name: to });
  }

  #update(table: string, column: string, change: Partial<Column>): void {
    const { columns } = this.#of(table);
    const known = columns.get(column);
    if (known !== undefined) columns.set(column, { ...known, ...change });
  }

  #constrain(table: string, constraint: Constraint, at: number): void {
    this.#of(table).constraints.push(constraint);
    if (constraint.kind === 'primary-key') {
      for (const column of constraint.columns) this.#update(table, column, { notNull: true });
    }
    if (constraint.kind === 'foreign-key') {
      this.#foreignKeys.push({ table, columns: constraint.columns, file: this.#file, at });
    }
  }

  #validate(table: string, name: string): void {
    const { constraints } = this.#of(table);
    const index = constraints.findIndex((one) => isCalled(one, name, table));
    const found = constraints[index];
    if (found !== undefined) constraints[index] = { ...found, validated: true };
  }

  #unconstrain(table: string, name: string): void {
    const { constraints } = this.#of(table);
    const dropped = this.constraint(table, name);
    remove(constraints, (one) => isCalled(one, name, table));
    if (dropped?.kind === 'foreign-key') {
      remove(this.#foreignKeys, (key) => key.table === table && sameColumns(key.columns, dropped.columns));
    }
  }
}

function keyOf(table: string, column: string): string {
  return `${table}.${column}`;
}
