import type { Phase } from '../files/directives.ts';
import type {
  AttemptOptions,
  HistoryRow,
  MigrationDatabase,
  MigrationSession,
  NumberedStatement,
} from '../ports/migration-database.ts';

/** Two connections to one database. */
export interface TwoConnections {
  readonly one: MigrationDatabase;
  readonly other: MigrationDatabase;
}

/** One case, on a database that is new for it. */
export interface SessionCase {
  readonly name: string;
  readonly run: (user: SessionUser) => Promise<void>;
}

/** Uses a database as the cases of the contract do. */
export class SessionUser {
  readonly one: MigrationDatabase;
  readonly other: MigrationDatabase;
  transaction = true;

  constructor({ one, other }: TwoConnections) {
    this.one = one;
    this.other = other;
  }

  attempt(name: string, changes: Partial<AttemptOptions> = {}): AttemptOptions {
    return {
      service: 'api',
      name,
      direction: 'up',
      transaction: this.transaction,
      total: 1,
      resumes: false,
      lockTimeoutMs: undefined,
      statementTimeoutMs: undefined,
      signal: undefined,
      ...changes,
    };
  }

  statement(sql: string, number = 1): NumberedStatement {
    return { sql, number, hash: `hash-${number}`, hashBefore: number > 1 ? `hash-${number - 1}` : '' };
  }

  row(name: string, { phase = 'expand' }: { readonly phase?: Phase } = {}): HistoryRow {
    const at = '2026-01-01T00:00:00.007Z';
    return { name, checksum: 'c0ffee', phase, at, durationMs: 12, by: 'anna@laptop', version: 1 };
  }

  /** Applies it with a session of its own. */
  apply(name: string, options: { readonly service?: string; readonly phase?: Phase } = {}): Promise<void> {
    return session(this.one, (open) => this.applyIn(open, name, options));
  }

  async applyIn(
    open: MigrationSession,
    name: string,
    { service = 'api', ...row }: { readonly service?: string; readonly phase?: Phase } = {},
  ): Promise<void> {
    const attempt = await open.begin(this.attempt(name, { service }));
    try {
      await attempt.execute(this.statement('SELECT 1'));
      await attempt.finish({ record: this.row(name, row) });
    } finally {
      await attempt.abandon();
    }
  }

  revert(name: string): Promise<void> {
    return session(this.one, async (open) => {
      const attempt = await open.begin(this.attempt(name, { direction: 'down' }));
      await attempt.execute(this.statement('SELECT 1'));
      await attempt.finish({ forget: name });
    });
  }

  async names(database = this.one): Promise<string[]> {
    return (await database.history('api')).applied.map(({ name }) => name);
  }
}

/** Holds a session while `work` goes on. */
export async function session(
  database: MigrationDatabase,
  work: (open: MigrationSession) => Promise<void>,
): Promise<void> {
  const open = await database.lock();
  try {
    await work(open);
  } finally {
    await open.release();
  }
}
