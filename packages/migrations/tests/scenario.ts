import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ManualClock } from '@maestro/core/testing';

import {
  type MigrationDatabase,
  type MigrationEvent,
  type Migrations,
  type MigrationsOptions,
  openMigrations,
  type SqlDialect,
} from '../src/index.ts';
import { InMemoryMigrationDatabase } from '../src/testing.ts';

/** A folder of migrations and a database in memory, whose clock stands still. */
export class Scenario {
  readonly database: InMemoryMigrationDatabase;
  readonly clock = new ManualClock();
  readonly events: MigrationEvent[] = [];
  readonly folder: string;

  private constructor(folder: string, dialect: SqlDialect) {
    this.folder = folder;
    this.database = new InMemoryMigrationDatabase({ dialect });
  }

  static async create(dialect: SqlDialect = 'sqlite'): Promise<Scenario> {
    return new Scenario(await mkdtemp(join(tmpdir(), 'maestro-migrations-')), dialect);
  }

  open(database: MigrationDatabase = this.database, options: Partial<MigrationsOptions> = {}): Migrations {
    return openMigrations({
      service: 'api',
      folder: this.folder,
      database,
      clock: this.clock,
      onEvent: (event) => this.events.push(event),
      lockDeadlineMs: 1000,
      ...options,
    });
  }

  write(file: string, text: string): Promise<void> {
    return writeFile(join(this.folder, file), text);
  }

  async writeScripts(...stems: readonly string[]): Promise<void> {
    for (const stem of stems) {
      await this.write(`${stem}.up.sql`, createTable(stem));
      await this.write(`${stem}.down.sql`, `DROP TABLE t${stem}`);
    }
  }

  async removeScripts(stem: string): Promise<void> {
    await rm(join(this.folder, `${stem}.up.sql`));
    await rm(join(this.folder, `${stem}.down.sql`));
  }

  /** Moves the clock on until the work is done. */
  async settle(work: Promise<unknown>): Promise<void> {
    const state = { settled: false };
    const end = () => {
      state.settled = true;
    };
    void work.then(end, end);
    while (!state.settled) await this.clock.advance(10);
  }
}

export function createTable(stem: string): string {
  return `CREATE TABLE t${stem} (id INTEGER)`;
}

export function namesOf(applied: readonly { readonly name: string }[]): string[] {
  return applied.map(({ name }) => name);
}
