import { databaseLocked } from '../database-errors.ts';
import type {
  AttemptOptions,
  DatabaseReader,
  HistoryRow,
  MigrationAttempt,
  MigrationDatabase,
  MigrationDb,
  MigrationHistory,
  MigrationSession,
  UnfinishedMigration,
} from '../ports/migration-database.ts';
import type { SqlDialect } from '../sql/dialect.ts';
import { InMemoryAttempt, inMemoryDb, refuseUnknownVerb } from './in-memory-attempt.ts';

/** Everything that is committed. */
export interface Contents {
  readonly rows: readonly { readonly service: string; readonly row: HistoryRow }[];
  readonly unfinished: readonly { readonly service: string; readonly migration: UnfinishedMigration }[];
  readonly statements: readonly string[];
}

export interface InMemoryMigrationDatabaseOptions {
  /** `sqlite` by default. In `mysql` every migration runs in steps, in `postgresql` those without a transaction. */
  readonly dialect?: SqlDialect;
}

/** A database that keeps the history and the statements it was given; it runs none, and queries return no rows. */
export class InMemoryMigrationDatabase implements MigrationDatabase {
  readonly location = 'memory';
  readonly dialect: SqlDialect;
  #contents: Contents = { rows: [], unfinished: [], statements: [] };
  #session: InMemorySession | undefined;

  constructor({ dialect = 'sqlite' }: InMemoryMigrationDatabaseOptions = {}) {
    this.dialect = dialect;
  }

  /** The committed statements, in order. */
  get statements(): readonly string[] {
    return this.#contents.statements;
  }

  history(service: string, signal?: AbortSignal): Promise<MigrationHistory> {
    signal?.throwIfAborted();
    return Promise.resolve(historyIn(this.#contents, service));
  }

  lock(signal?: AbortSignal): Promise<MigrationSession> {
    signal?.throwIfAborted();
    if (this.#session !== undefined) return Promise.reject(databaseLocked(this.location, 'release the other session'));
    this.#session = new InMemorySession({
      dialect: this.dialect,
      contents: () => this.#contents,
      keep: (contents) => {
        this.#contents = contents;
      },
      end: () => {
        this.#session = undefined;
      },
    });
    return Promise.resolve(this.#session);
  }

  async read<T>(work: (reader: DatabaseReader) => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    return work({ schema: undefined, query: () => Promise.resolve([]) });
  }

  async close(): Promise<void> {
    await this.#session?.release();
  }
}

export interface InMemorySessionOptions {
  readonly dialect: SqlDialect;
  readonly contents: () => Contents;
  readonly keep: (contents: Contents) => void;
  readonly end: () => void;
}

class InMemorySession implements MigrationSession {
  readonly #options: InMemorySessionOptions;
  #attempt: InMemoryAttempt | undefined;
  #ended = false;

  constructor(options: InMemorySessionOptions) {
    this.#options = options;
  }

  async history(service: string): Promise<MigrationHistory> {
    await this.#going();
    return historyIn(this.#options.contents(), service);
  }

  async begin(options: AttemptOptions): Promise<MigrationAttempt> {
    await this.#going();
    const { dialect } = this.#options;
    const inSteps = dialect === 'mysql' || (dialect === 'postgresql' && !options.transaction);
    this.#attempt = new InMemoryAttempt({ ...this.#options, ...options, inSteps });
    return this.#attempt;
  }

  async settle(service: string, migration: UnfinishedMigration): Promise<void> {
    await this.#going();
    this.#options.keep(withUnfinished(this.#options.contents(), service, migration));
  }

  async record(service: string, added: readonly HistoryRow[]): Promise<void> {
    await this.#going();
    const { contents, keep } = this.#options;
    const known = historyIn(contents(), service).applied.map(({ name }) => name);
    const repeated = added.find(({ name }) => known.includes(name));
    if (repeated !== undefined) throw new Error(`${repeated.name} is recorded`);
    keep({ ...contents(), rows: [...contents().rows, ...added.map((row) => ({ service, row }))] });
  }

  async use(work: (db: MigrationDb) => Promise<void>): Promise<void> {
    await this.#going();
    const { contents, keep } = this.#options;
    const state = { isOver: false };
    const db = inMemoryDb((sql) => {
      if (state.isOver) throw new Error('the function that was given the database has ended');
      refuseUnknownVerb(sql);
      keep({ ...contents(), statements: [...contents().statements, sql] });
    });
    try {
      await work(db);
    } finally {
      state.isOver = true;
    }
  }

  async release(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    await this.#attempt?.abandon();
    this.#options.end();
  }

  #going(): Promise<void> {
    return this.#ended ? Promise.reject(new Error('the session has ended')) : Promise.resolve();
  }
}

function historyIn({ rows, unfinished }: Contents, service: string): MigrationHistory {
  return {
    applied: rows.filter((kept) => kept.service === service).map(({ row }) => row),
    unfinished: unfinished.filter((kept) => kept.service === service).map(({ migration }) => migration),
  };
}

export function withUnfinished(contents: Contents, service: string, migration: UnfinishedMigration): Contents {
  const others = contents.unfinished.filter(
    (kept) => kept.service !== service || kept.migration.name !== migration.name,
  );
  const isLeft = migration.done > 0 || migration.unknown !== undefined;
  return { ...contents, unfinished: isLeft ? [...others, { service, migration }] : others };
}
