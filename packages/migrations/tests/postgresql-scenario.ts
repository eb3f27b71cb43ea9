import { randomBytes } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import pg from 'pg';

import { type MigrationEvent, type Migrations, type MigrationsOptions, openMigrations } from '../src/index.ts';
import { postgresqlDatabase } from '../src/postgresql.ts';
import type { Target } from './target.ts';

/** A folder of migrations and a schema of its own. */
export class PostgresqlScenario {
  readonly folder: string;
  readonly url: string;
  readonly schema: string;
  readonly events: MigrationEvent[] = [];

  private constructor(folder: string, url: string, schema: string) {
    this.folder = folder;
    this.url = url;
    this.schema = schema;
  }

  static async create(url: string, files: Readonly<Record<string, string>> = {}): Promise<PostgresqlScenario> {
    const schema = `s${randomBytes(4).toString('hex')}`;
    const folder = await mkdtemp(join(tmpdir(), 'maestro-postgresql-'));
    const scenario = new PostgresqlScenario(folder, url, schema);
    await scenario.rows(`CREATE SCHEMA ${schema}`);
    for (const [file, text] of Object.entries(files)) await scenario.write(file, text);
    return scenario;
  }

  get target(): Target {
    return { kind: 'postgresql', url: this.url, schema: this.schema };
  }

  write(file: string, text: string): Promise<void> {
    return writeFile(join(this.folder, file), text);
  }

  database(options: { readonly url?: string; readonly leaseMs?: number } = {}) {
    return postgresqlDatabase({ url: this.url, schema: this.schema, ...options });
  }

  open(options: Partial<MigrationsOptions> = {}): Migrations {
    return openMigrations({
      service: 'api',
      folder: this.folder,
      database: this.database(),
      onEvent: (event) => this.events.push(event),
      ...options,
    });
  }

  /** A connection as the service or an operator has one, with the schema in its path. */
  async connect(url = this.url): Promise<pg.Client & AsyncDisposable> {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => undefined);
    await client.connect();
    await client.query(`SET search_path = ${this.schema}, public`);
    return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() });
  }

  /** Runs SQL on a connection of its own; the rows of a query. */
  async rows(sql: string): Promise<Record<string, unknown>[]> {
    await using client = await this.connect();
    return (await client.query<Record<string, unknown>>(sql)).rows;
  }

  async tables(): Promise<unknown[]> {
    const rows = await this.rows(
      `SELECT tablename FROM pg_tables WHERE schemaname = '${this.schema}'
       AND tablename NOT LIKE 'maestro%' ORDER BY tablename`,
    );
    return rows.map(({ tablename }) => tablename);
  }

  async invalidIndexes(): Promise<unknown[]> {
    const rows = await this.rows(
      `SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
       WHERE NOT (i.indisvalid AND i.indisready) AND c.relnamespace = '${this.schema}'::regnamespace`,
    );
    return rows.map(({ relname }) => relname);
  }
}
