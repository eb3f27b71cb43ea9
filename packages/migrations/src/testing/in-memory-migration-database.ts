import { databaseLocked } from '../errors.ts';
import type { HistoryRow, MigrationDatabase, MigrationDb, MigrationTransaction } from '../ports/migration-database.ts';

interface Contents {
  readonly rows: readonly { readonly service: string; readonly row: HistoryRow }[];
  readonly statements: readonly string[];
}

const verb = /^\s*(ALTER|CREATE|DELETE|DROP|INSERT|PRAGMA|SELECT|UPDATE)\b/i;

/** A database that keeps the history and the statements it was given; it runs none, and queries return no rows. */
export class InMemoryMigrationDatabase implements MigrationDatabase {
  readonly location = 'memory';
  #contents: Contents = { rows: [], statements: [] };
  #current: InMemoryTransaction | undefined;

  /** The committed statements, in order. */
  get statements(): readonly string[] {
    return this.#contents.statements;
  }

  history(service: string, signal?: AbortSignal): Promise<readonly HistoryRow[]> {
    signal?.throwIfAborted();
    return Promise.resolve(rowsOf(this.#contents, service));
  }

  begin(signal?: AbortSignal): Promise<MigrationTransaction> {
    signal?.throwIfAborted();
    if (this.#current !== undefined) return Promise.reject(databaseLocked(this.location, 'end the other transaction'));
    this.#current = new InMemoryTransaction(this.#contents, (kept) => {
      this.#contents = kept;
      this.#current = undefined;
    });
    return Promise.resolve(this.#current);
  }

  async close(): Promise<void> {
    await this.#current?.rollback();
  }
}

class InMemoryTransaction implements MigrationTransaction {
  readonly db: MigrationDb;
  readonly #before: Contents;
  #contents: Contents;
  #end: ((kept: Contents) => void) | undefined;

  constructor(contents: Contents, end: (kept: Contents) => void) {
    this.#before = contents;
    this.#contents = contents;
    this.#end = end;
    this.db = {
      execute: (sql: string) => {
        this.#keepStatement(sql);
      },
      query: <Row extends object>(sql: string): Row[] => {
        this.#keepStatement(sql);
        return [];
      },
    };
  }

  history(service: string): Promise<readonly HistoryRow[]> {
    return Promise.resolve(rowsOf(this.#contents, service));
  }

  async execute(statement: string): Promise<void> {
    await Promise.resolve();
    this.#keepStatement(statement);
  }

  async record(service: string, row: HistoryRow): Promise<void> {
    if ((await this.history(service)).some(({ name }) => name === row.name)) throw new Error(`${row.name} is recorded`);
    this.#change({ ...this.#contents, rows: [...this.#contents.rows, { service, row }] });
  }

  async forget(service: string, name: string): Promise<void> {
    await Promise.resolve();
    const rows = this.#contents.rows.filter((kept) => kept.service !== service || kept.row.name !== name);
    this.#change({ ...this.#contents, rows });
  }

  async commit(): Promise<void> {
    await Promise.resolve();
    this.#change(this.#contents);
    this.#end?.(this.#contents);
    this.#end = undefined;
  }

  rollback(): Promise<void> {
    this.#end?.(this.#before);
    this.#end = undefined;
    return Promise.resolve();
  }

  #keepStatement(sql: string): void {
    if (!verb.test(sql)) throw new Error(`syntax error in '${sql}'`);
    this.#change({ ...this.#contents, statements: [...this.#contents.statements, sql] });
  }

  #change(contents: Contents): void {
    if (this.#end === undefined) throw new Error('the transaction has ended');
    this.#contents = contents;
  }
}

function rowsOf({ rows }: Contents, service: string): readonly HistoryRow[] {
  return rows.filter((kept) => kept.service === service).map(({ row }) => row);
}
