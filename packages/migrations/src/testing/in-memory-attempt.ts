import type {
  AttemptOptions,
  HistoryChange,
  MigrationAttempt,
  MigrationDb,
  NumberedStatement,
} from '../ports/migration-database.ts';
import { type Contents, type InMemorySessionOptions, withUnfinished } from './in-memory-migration-database.ts';

const verb = /^\s*(ALTER|CREATE|DELETE|DROP|INSERT|PRAGMA|SELECT|UPDATE)\b/i;

interface InMemoryAttemptOptions extends AttemptOptions, Omit<InMemorySessionOptions, 'end'> {
  readonly inSteps: boolean;
}

/** One attempt on a database in memory. */
export class InMemoryAttempt implements MigrationAttempt {
  readonly #options: InMemoryAttemptOptions;
  #contents: Contents;
  #ended = false;

  constructor(options: InMemoryAttemptOptions) {
    this.#options = options;
    this.#contents = options.contents();
  }

  async execute(statement: NumberedStatement): Promise<void> {
    await Promise.resolve();
    this.#keepStatement(statement.sql);
    this.#keepStep(statement);
  }

  async call(statement: NumberedStatement, work: (db: MigrationDb) => Promise<void>): Promise<void> {
    const db = inMemoryDb((sql) => {
      this.#keepStatement(sql);
    });
    const execute = async (sql: string) => {
      await db.execute(sql);
      if (this.#options.inSteps) this.#markUnknown(statement);
    };
    await work({ ...db, execute });
    this.#keepStep(statement);
  }

  async use(work: (db: MigrationDb) => Promise<void>): Promise<void> {
    const keepStatement = (sql: string) => {
      this.#keepStatement(sql);
      if (this.#options.inSteps) this.#options.keep(this.#contents);
    };
    await work(inMemoryDb(keepStatement));
  }

  async finish(change: HistoryChange): Promise<void> {
    await Promise.resolve();
    const { service, name, keep } = this.#options;
    const rows = this.#contents.rows.filter((kept) => kept.service !== service || kept.row.name !== name);
    const isRecorded = rows.length < this.#contents.rows.length;
    if ('record' in change && isRecorded) throw new Error(`${name} is recorded`);
    const added = 'record' in change ? [{ service, row: change.record }] : [];
    const step = { name, direction: this.#options.direction, done: 0, total: 0, hash: '', unknown: undefined };
    this.#change(withUnfinished({ ...this.#contents, rows: [...rows, ...added] }, service, step));
    keep(this.#contents);
    this.#ended = true;
  }

  abandon(): Promise<void> {
    this.#ended = true;
    return Promise.resolve();
  }

  #keepStep({ number, hash }: NumberedStatement): void {
    const { inSteps, service, name, direction, total, keep } = this.#options;
    if (!inSteps) return;
    this.#change(
      withUnfinished(this.#contents, service, { name, direction, done: number, total, hash, unknown: undefined }),
    );
    keep(this.#contents);
  }

  /** What a function did cannot be told from what it did not do. */
  #markUnknown({ number, hash, hashBefore, sql }: NumberedStatement): void {
    const { service, name, direction, total, keep } = this.#options;
    const unknown = { sql, hash };
    const left = { name, direction, done: number - 1, total, hash: hashBefore, unknown };
    this.#change(withUnfinished(this.#contents, service, left));
    keep(this.#contents);
  }

  #keepStatement(sql: string): void {
    refuseUnknownVerb(sql);
    this.#change({ ...this.#contents, statements: [...this.#contents.statements, sql] });
  }

  #change(contents: Contents): void {
    if (this.#ended) throw new Error('the transaction has ended');
    this.#contents = contents;
  }
}

export function refuseUnknownVerb(sql: string): void {
  if (!verb.test(sql)) throw new Error(`syntax error in '${sql}'`);
}

/** Hands on each statement; queries have no rows. */
export function inMemoryDb(keepStatement: (sql: string) => void): MigrationDb {
  const execute = async (sql: string) => {
    await Promise.resolve();
    keepStatement(sql);
  };
  return { execute, query: (sql: string) => execute(sql).then(() => []) };
}
