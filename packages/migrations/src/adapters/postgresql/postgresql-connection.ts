import { type Clock, withDeadline } from '@maestro/core';
import pg from 'pg';

import { connectionLost, databaseFailed } from '../../database-errors.ts';
import type { SqlValue } from '../../ports/migration-database.ts';
import { translated, translatedStatement } from './postgresql-errors.ts';

export interface ConnectionSettings {
  readonly config: pg.ClientConfig;
  readonly location: string;
  readonly clock: Clock;
}

/** For what is sent by this package itself, and touches its own small tables only. */
const deadlineMs = 60_000;
const cancelDeadlineMs = 5000;

export interface PostgresqlResult {
  readonly command: string;
  readonly rows: readonly Record<string, unknown>[];
  readonly count: number;
}

/** One connection to the server, one query at a time. */
export class PostgresqlConnection {
  readonly location: string;
  /** Whether a pooler is in between: it gives out numbers of its own, and changes the server's process under a client. */
  readonly isPooled: boolean;
  readonly database: string;
  /** Whether it began with texts as in standard SQL and without time limits, as servers are by default. */
  readonly isPlain: boolean;
  readonly #settings: ConnectionSettings;
  readonly #client: pg.Client;
  readonly #process: number;
  #queue: Promise<unknown> = Promise.resolve();
  #isLost = false;

  private constructor(settings: ConnectionSettings, client: pg.Client, facts: Record<string, unknown>) {
    this.#settings = settings;
    this.location = settings.location;
    this.#client = client;
    this.#process = Number(facts.process);
    this.database = String(facts.database);
    this.isPlain = facts.is_plain === true;
    this.isPooled = announcedProcess(client) !== this.#process;
    client.on('end', () => {
      this.#isLost = true;
    });
  }

  static async open(settings: ConnectionSettings, signal?: AbortSignal): Promise<PostgresqlConnection> {
    const { config, location, clock } = settings;
    const client = new pg.Client(config);
    // The server may end a connection while nobody waits for an answer; the next query then rejects.
    client.on('error', () => undefined);
    const onExpired = () => databaseFailed(location, new Error('it does not answer'));
    try {
      const connected = async () => {
        await client.connect();
        return client.query<Record<string, unknown>>(askForFacts);
      };
      const { rows } = await withDeadline(connected, { deadlineMs: connectDeadlineMs, clock, signal, onExpired });
      return new PostgresqlConnection(settings, client, rows[0] ?? {});
    } catch (error) {
      void client.end().catch(() => undefined);
      signal?.throwIfAborted();
      throw databaseFailed(location, error);
    }
  }

  get isLost(): boolean {
    return this.#isLost;
  }

  /** Sends what this package needs for itself; several statements only without values. */
  async ask(text: string, values?: readonly SqlValue[]): Promise<PostgresqlResult[]> {
    const { clock } = this.#settings;
    const onExpired = () => {
      this.destroy();
      return connectionLost(this.location, new Error(`there was no answer for ${deadlineMs} ms`));
    };
    try {
      return await withDeadline(() => this.#send(text, values), { deadlineMs, clock, onExpired });
    } catch (error) {
      throw translated(this.location, error);
    }
  }

  /** Sends a migration's statement; when the signal aborts it is cancelled. */
  async run(text: string, values: readonly SqlValue[] | undefined, signal: AbortSignal | undefined) {
    signal?.throwIfAborted();
    const onAbort = () => {
      void this.#cancel();
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      return await this.#send(text, values);
    } catch (error) {
      throw translatedStatement(this.location, error);
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  async end(): Promise<void> {
    this.#isLost = true;
    const { clock } = this.#settings;
    const onExpired = () => new Error('the connection does not end');
    await withDeadline(() => this.#client.end(), { deadlineMs: cancelDeadlineMs, clock, onExpired }).catch(() => {
      this.destroy();
    });
  }

  destroy(): void {
    this.#isLost = true;
    streamOf(this.#client).destroy();
  }

  /** One after the other: a client does not want several queries at once. */
  #send(text: string, values: readonly SqlValue[] | undefined): Promise<PostgresqlResult[]> {
    const result = this.#queue.then(async () => {
      if (this.#isLost) throw connectionLost(this.location, new Error('it has ended'));
      const answer: unknown = await (values === undefined
        ? this.#client.query(text)
        : this.#client.query(text, [...values]));
      const results = (Array.isArray(answer) ? answer : [answer]) as pg.QueryResult<Record<string, unknown>>[];
      return results.map(({ command, rows, rowCount }) => ({ command, rows, count: rowCount ?? 0 }));
    });
    this.#queue = result.catch(() => undefined);
    return result;
  }

  /** A pooler knows nobody by the number that the server has for it: there only ending the connection helps. */
  async #cancel(): Promise<void> {
    try {
      if (this.isPooled) throw new Error('nobody to ask');
      const other = await PostgresqlConnection.open(this.#settings);
      await other.ask('SELECT pg_cancel_backend($1)', [this.#process]).finally(() => other.end());
    } catch {
      this.destroy();
    }
  }
}

const connectDeadlineMs = 15_000;

const askForFacts = `SELECT pg_backend_pid() AS process, current_database() AS database,
  current_setting('standard_conforming_strings') = 'on'
    AND current_setting('statement_timeout') = '0'
    AND current_setting('idle_in_transaction_session_timeout') = '0' AS is_plain`;

/** The number in the server's greeting, which the library keeps without declaring it. */
function announcedProcess(client: pg.Client): unknown {
  return 'processID' in client ? client.processID : undefined;
}

function streamOf(client: pg.Client): { destroy(): unknown } {
  return (client as unknown as { readonly connection: { readonly stream: { destroy(): unknown } } }).connection.stream;
}
