import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { type Migrations, type MigrationsOptions, openMigrations } from '../src/index.ts';
import { sqliteDatabase } from '../src/sqlite.ts';
import type { Target } from './target.ts';

/** A folder of migrations and an SQLite file of its own. */
export class SqliteScenario {
  readonly folder: string;
  readonly file: string;

  private constructor(root: string) {
    this.folder = join(root, 'migrations');
    this.file = join(root, 'data', 'app.db');
  }

  static async create(files: Readonly<Record<string, string>> = {}): Promise<SqliteScenario> {
    const scenario = new SqliteScenario(await mkdtemp(join(tmpdir(), 'maestro-sqlite-')));
    await mkdir(scenario.folder);
    await mkdir(join(scenario.file, '..'));
    for (const [file, text] of Object.entries(files)) await scenario.write(file, text);
    return scenario;
  }

  get target(): Target {
    return { kind: 'sqlite', file: this.file };
  }

  database() {
    return sqliteDatabase(this);
  }

  write(file: string, text: string): Promise<void> {
    return writeFile(join(this.folder, file), text);
  }

  open(options: Partial<MigrationsOptions> = {}): Migrations {
    return openMigrations({ service: 'api', folder: this.folder, database: this.database(), ...options });
  }

  /** A connection as the service or an operator has one. */
  connect(): DatabaseSync {
    return new DatabaseSync(this.file, { timeout: 5000 });
  }

  /** Runs SQL on a connection of its own; the rows of a query. */
  rows(sql: string): Record<string, unknown>[] {
    const connection = this.connect();
    try {
      return connection.prepare(sql).all();
    } finally {
      connection.close();
    }
  }

  tables(): unknown[] {
    return this.rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").map(({ name }) => name);
  }
}
