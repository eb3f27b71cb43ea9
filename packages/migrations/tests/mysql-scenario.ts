import { randomBytes } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type Connection, createConnection } from 'mysql2/promise';
import { onTestFinished } from 'vitest';

import { type MigrationEvent, type Migrations, type MigrationsOptions, openMigrations } from '../src/index.ts';
import { mysqlDatabase } from '../src/mysql.ts';
import type { Target } from './target.ts';

/** A folder of migrations and a database of its own, which goes with the test. */
export class MysqlScenario {
  readonly folder: string;
  readonly url: string;
  readonly events: MigrationEvent[] = [];

  private constructor(folder: string, url: string) {
    this.folder = folder;
    this.url = url;
  }

  static async create(suiteUrl: string, files: Readonly<Record<string, string>> = {}): Promise<MysqlScenario> {
    const url = new URL(suiteUrl);
    const name = `${url.pathname.slice(1)}_${randomBytes(4).toString('hex')}`;
    url.pathname = `/${name}`;
    const folder = await mkdtemp(join(tmpdir(), 'maestro-mysql-'));
    await using suite = await connected(suiteUrl);
    await suite.query(`CREATE DATABASE ${name}`);
    onTestFinished(async () => {
      await using again = await connected(suiteUrl);
      await again.query(`DROP DATABASE ${name}`);
    });
    const scenario = new MysqlScenario(folder, url.href);
    for (const [file, text] of Object.entries(files)) await scenario.write(file, text);
    return scenario;
  }

  get target(): Target {
    return { kind: 'mysql', url: this.url };
  }

  write(file: string, text: string): Promise<void> {
    return writeFile(join(this.folder, file), text);
  }

  database(options: { readonly url?: string } = {}) {
    return mysqlDatabase({ url: this.url, ...options });
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

  /** A connection as the service or an operator has one. */
  connect(): Promise<Connection & AsyncDisposable> {
    return connected(this.url);
  }

  /** Runs SQL on a connection of its own; the rows of a query. */
  async rows(sql: string): Promise<Record<string, unknown>[]> {
    await using connection = await this.connect();
    const [rows] = await connection.query(sql);
    return rows as Record<string, unknown>[];
  }

  async tables(): Promise<unknown[]> {
    const rows = await this.rows(
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()
       AND table_name NOT LIKE 'maestro%' ORDER BY table_name`,
    );
    return rows.map(({ name }) => name);
  }
}

async function connected(url: string): Promise<Connection & AsyncDisposable> {
  const connection = await createConnection({ uri: url });
  connection.on('error', () => undefined);
  return Object.assign(connection, {
    [Symbol.asyncDispose]: async () => {
      await connection.end().catch(() => undefined);
    },
  });
}
