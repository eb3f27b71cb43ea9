/** One applied migration, as the history table keeps it. */
export interface HistoryRow {
  readonly name: string;
  readonly checksum: string;
  /** ISO 8601 in UTC. */
  readonly at: string;
  readonly durationMs: number;
  /** Who applied it, on which machine. */
  readonly by: string;
  /** The rules its checksum was computed by; checksums of different rules are never compared. */
  readonly version: number;
}

/** What can be bound to a parameter. */
export type SqlValue = null | number | bigint | string | Uint8Array;

/** The database as a TypeScript migration sees it; every call belongs to the migration's transaction. */
export interface MigrationDb {
  /** Runs one statement, or several when there are no parameters. */
  execute(sql: string, ...params: readonly SqlValue[]): void;
  /** Runs one statement and returns its rows. */
  query<Row extends object>(sql: string, ...params: readonly SqlValue[]): Row[];
}

/** A database that a service's migrations run on, together with their history. */
export interface MigrationDatabase {
  /** Names the database in messages; holds no credentials. */
  readonly location: string;

  /**
   * The committed history of a service, in the order applied; empty for a database that has none yet, which stays
   * as it is. Rejects with `MIGRATIONS_LOCKED` at once when it cannot be read at this moment.
   */
  history(service: string, signal?: AbortSignal): Promise<readonly HistoryRow[]>;

  /**
   * Opens a transaction that no other migration can run beside, in this process or another.
   * Rejects with `MIGRATIONS_LOCKED` at once when somebody else has one: waiting is the caller's.
   */
  begin(signal?: AbortSignal): Promise<MigrationTransaction>;

  /** Ends what is open; an unfinished transaction leaves nothing. */
  close(): Promise<void>;
}

/** The time in which one migration runs: its statements and its history row are kept together or not at all. */
export interface MigrationTransaction {
  readonly db: MigrationDb;

  /** The history as nobody else can change it before this transaction ends. */
  history(service: string): Promise<readonly HistoryRow[]>;

  /** Runs one statement. Rejects with an error that has the database's own message. */
  execute(statement: string): Promise<void>;

  record(service: string, row: HistoryRow): Promise<void>;

  forget(service: string, name: string): Promise<void>;

  /** Rejects with `MIGRATIONS_LOCKED` while somebody is in the way; the transaction then stays open for another try. */
  commit(): Promise<void>;

  /** Undoes everything; does nothing when the transaction has ended. */
  rollback(): Promise<void>;
}
