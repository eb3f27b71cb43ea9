import type { MigrationDirection } from '../events.ts';
import type { Phase } from '../files/directives.ts';
import type { SqlDialect } from '../sql/dialect.ts';

/** One applied migration, as the history table keeps it. */
export interface HistoryRow {
  readonly name: string;
  readonly checksum: string;
  readonly phase: Phase;
  /** ISO 8601 in UTC. */
  readonly at: string;
  readonly durationMs: number;
  /** Who applied it, on which machine. */
  readonly by: string;
  /** The rules its checksum was computed by; checksums of different rules are never compared. */
  readonly version: number;
  /** Whose history says that it was applied, where it was never run by this package. */
  readonly adoptedFrom?: string;
}

/** A migration of which some statements were kept and others not, because the database could not keep all or none. */
export interface UnfinishedMigration {
  readonly name: string;
  readonly direction: MigrationDirection;
  /** How many statements were done, from the first one on. */
  readonly done: number;
  readonly total: number;
  /** Over the statements that were done; empty while there are none. */
  readonly hash: string;
  /** The next statement, when it was begun and nobody knows whether it was done. */
  readonly unknown: { readonly sql: string; readonly hash: string } | undefined;
}

export interface MigrationHistory {
  /** In the order applied. */
  readonly applied: readonly HistoryRow[];
  readonly unfinished: readonly UnfinishedMigration[];
}

/** What can be bound to a parameter. */
export type SqlValue = null | number | bigint | string | Uint8Array;

/**
 * The database as a TypeScript migration sees it. Placeholders are the database's own: `?`, or `$1` in PostgreSQL, and
 * so are the types of what a query returns.
 */
export interface MigrationDb {
  /** Runs one statement, or several when there are no parameters. */
  execute(sql: string, ...params: readonly SqlValue[]): Promise<void>;
  /** Runs one statement and returns its rows. */
  query<Row extends object>(sql: string, ...params: readonly SqlValue[]): Promise<Row[]>;
}

/** A database that services' migrations run on, together with their history. */
export interface MigrationDatabase {
  /** Names the database in messages; holds no credentials. */
  readonly location: string;
  readonly dialect: SqlDialect;

  /**
   * The committed history of a service; empty for a database that has none yet, which stays as it is.
   * Rejects with `MIGRATIONS_LOCKED` at once when it cannot be read at this moment.
   */
  history(service: string, signal?: AbortSignal): Promise<MigrationHistory>;

  /**
   * Excludes every other session, of this process or another, until it is released, closed or its holder is gone.
   * Rejects with `MIGRATIONS_LOCKED` at once when there is one: waiting is the caller's.
   */
  lock(signal?: AbortSignal): Promise<MigrationSession>;

  /**
   * Looks at the database without changing it, at one moment where it can. Rejects with `MIGRATIONS_LOCKED` at once when
   * it cannot be read at this moment.
   */
  read<T>(work: (reader: DatabaseReader) => Promise<T>, signal?: AbortSignal): Promise<T>;

  /** Ends what is open; an unfinished transaction leaves nothing. */
  close(): Promise<void>;
}

export interface DatabaseReader extends Pick<MigrationDb, 'query'> {
  /** Where names without a schema are looked for first, when the database was opened with one. */
  readonly schema: string | undefined;
}

/**
 * The time in which nobody else runs migrations on the database. What others do with it may be in the way for a moment:
 * its methods reject with `MIGRATIONS_LOCKED` at once then, and have done nothing.
 */
export interface MigrationSession {
  /** The history as nobody else can change it now; what the database can tell about unknown statements is known. */
  history(service: string): Promise<MigrationHistory>;

  /** Begins one direction of one migration; there is one attempt at a time. */
  begin(options: AttemptOptions): Promise<MigrationAttempt>;

  /** Replaces what is kept about an unfinished migration. */
  settle(service: string, unfinished: UnfinishedMigration): Promise<void>;

  /** Adds migrations to the history that were applied by somebody else; all of them or none. */
  record(service: string, rows: readonly HistoryRow[]): Promise<void>;

  /**
   * Has a function work on the database while no attempt goes on, each of its statements kept at once. Rejects with what
   * it throws; its statements reject as those of an attempt do.
   */
  use(work: (db: MigrationDb) => Promise<void>, signal: AbortSignal | undefined): Promise<void>;

  /** Undoes an attempt that goes on, and lets others in; does nothing when the session has ended. */
  release(): Promise<void>;
}

export interface AttemptOptions {
  readonly service: string;
  readonly name: string;
  readonly direction: MigrationDirection;
  /** Whether to keep everything or nothing, where the database can. */
  readonly transaction: boolean;
  /** How many statements there are, also those that were done before. */
  readonly total: number;
  /** Whether something is kept of it as unfinished. */
  readonly resumes: boolean;
  /** How long a statement waits for a lock; the adapter's default when undefined. */
  readonly lockTimeoutMs: number | undefined;
  readonly statementTimeoutMs: number | undefined;
  /** Aborting it cancels the statement that runs. */
  readonly signal: AbortSignal | undefined;
}

export interface NumberedStatement {
  readonly sql: string;
  /** From 1 on. */
  readonly number: number;
  /** Over all statements up to this one. */
  readonly hash: string;
  /** Over all statements in front of it; empty for the first one. */
  readonly hashBefore: string;
}

/**
 * The run of one migration. In a transaction its statements and its history row are kept together or not at all.
 * Where there is none each statement is kept together with the fact that it was done; one that the database cannot keep
 * with anything else is marked as unknown while it runs.
 */
export interface MigrationAttempt {
  /**
   * Runs one statement. Rejects with `MIGRATIONS_LOCKED` when a lock was not free in time, with
   * `MIGRATIONS_CONNECTION_LOST`, or with an error that has the database's own message; either way the attempt is over.
   */
  execute(statement: NumberedStatement): Promise<void>;

  /** Runs a function that works on the database as one statement; rejects with what it throws, and as `execute` does. */
  call(statement: NumberedStatement, work: (db: MigrationDb) => Promise<void>): Promise<void>;

  /**
   * Has a function work on the database between statements. In a transaction it is part of it; otherwise each of its
   * statements is kept at once and without a record, so that it may be done again. Rejects as `call` does.
   */
  use(work: (db: MigrationDb) => Promise<void>): Promise<void>;

  /**
   * Writes the history and makes everything permanent. Rejects with `MIGRATIONS_LOCKED` while somebody is in the way;
   * the attempt then stays open for another try.
   */
  finish(change: HistoryChange): Promise<void>;

  /** Ends it: a transaction leaves nothing, otherwise what was done stays done. Does nothing after the end. */
  abandon(): Promise<void>;
}

export type HistoryChange = { readonly record: HistoryRow } | { readonly forget: string };
