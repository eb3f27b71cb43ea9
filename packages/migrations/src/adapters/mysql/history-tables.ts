import type {
  HistoryChange,
  HistoryRow,
  MigrationHistory,
  UnfinishedMigration,
} from '../../ports/migration-database.ts';
import { historyRow, unfinishedMigration } from '../history-rows.ts';
import type { MysqlConnection } from './mysql-connection.ts';
import { isMissingTable } from './mysql-errors.ts';

/** The history of all services in a database, and what is unfinished of it. */
export class HistoryTables {
  readonly #connection: MysqlConnection;
  readonly #history: string;
  readonly #unfinished: string;

  constructor(connection: MysqlConnection) {
    this.#connection = connection;
    const database = `\`${connection.database.replaceAll('`', '``')}\``;
    this.#history = `${database}.maestro_migrations`;
    this.#unfinished = `${database}.maestro_migrations_unfinished`;
  }

  async create(): Promise<void> {
    await this.#connection.ask(`
      CREATE TABLE IF NOT EXISTS ${this.#history} (
        sequence BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
        service VARCHAR(190) NOT NULL,
        name VARCHAR(190) NOT NULL,
        checksum CHAR(64) NOT NULL,
        phase VARCHAR(16) NOT NULL,
        applied_at DATETIME(3) NOT NULL,
        duration_ms BIGINT NOT NULL,
        executed_by TEXT NOT NULL,
        version INT NOT NULL,
        adopted_from VARCHAR(190),
        UNIQUE KEY service_name (service, name)
      ) ${tableOptions}`);
    await this.#connection.ask(`
      CREATE TABLE IF NOT EXISTS ${this.#unfinished} (
        service VARCHAR(190) NOT NULL,
        name VARCHAR(190) NOT NULL,
        direction VARCHAR(8) NOT NULL,
        done INT NOT NULL,
        total INT NOT NULL,
        hash VARCHAR(64) NOT NULL,
        unknown_sql LONGTEXT,
        unknown_hash VARCHAR(64),
        changed_at DATETIME(3) NOT NULL,
        PRIMARY KEY (service, name)
      ) ${tableOptions}`);
  }

  async read(service: string): Promise<MigrationHistory> {
    try {
      const at = `DATE_FORMAT(applied_at, '%Y-%m-%dT%H:%i:%s.%f') AS applied_at_text`;
      const applied = `SELECT *, ${at} FROM ${this.#history} WHERE service = ? ORDER BY sequence`;
      const unfinished = `SELECT * FROM ${this.#unfinished} WHERE service = ? ORDER BY name`;
      return {
        applied: (await this.#connection.ask(applied, [service])).rows.map((row) =>
          // Three of the six digits of a second are kept.
          historyRow(row, `${String(row.applied_at_text).slice(0, 23)}Z`),
        ),
        unfinished: (await this.#connection.ask(unfinished, [service])).rows.map(unfinishedMigration),
      };
    } catch (error) {
      if (error instanceof Error && isMissingTable(error.cause)) return { applied: [], unfinished: [] };
      throw error;
    }
  }

  async finish(service: string, name: string, change: HistoryChange): Promise<void> {
    if ('forget' in change) {
      await this.#connection.ask(`DELETE FROM ${this.#history} WHERE service = ? AND name = ?`, [
        service,
        change.forget,
      ]);
    } else {
      await this.record(service, change.record);
    }
    await this.#connection.ask(`DELETE FROM ${this.#unfinished} WHERE service = ? AND name = ?`, [service, name]);
  }

  async record(service: string, row: HistoryRow): Promise<void> {
    const { name, checksum, phase, durationMs, by, version, adoptedFrom = null } = row;
    const at = row.at.replace('T', ' ').replace('Z', '');
    await this.#connection.ask(
      `INSERT INTO ${this.#history}
       (service, name, checksum, phase, applied_at, duration_ms, executed_by, version, adopted_from)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      [service, name, checksum, phase, at, durationMs, by, version, adoptedFrom],
    );
  }

  /** Replaces what is kept of it, or forgets it where nothing is left. */
  async settle(service: string, { name, direction, done, total, hash, unknown }: UnfinishedMigration): Promise<void> {
    if (done === 0 && unknown === undefined) {
      await this.#connection.ask(`DELETE FROM ${this.#unfinished} WHERE service = ? AND name = ?`, [service, name]);
      return;
    }
    await this.#connection.ask(
      `REPLACE INTO ${this.#unfinished}
       (service, name, direction, done, total, hash, unknown_sql, unknown_hash, changed_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, UTC_TIMESTAMP(3))`,
      [service, name, direction, done, total, hash, unknown?.sql ?? null, unknown?.hash ?? null],
    );
  }
}

const tableOptions = 'ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin';
