import type { SqlDialect } from '../src/index.ts';

/** The tables that other tools keep their history in, as they make them. */
export const alembicTable = `CREATE TABLE alembic_version (
  version_num VARCHAR(32) NOT NULL,
  CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
)`;

const installedOn: Readonly<Record<SqlDialect, string>> = {
  postgresql: 'TIMESTAMP NOT NULL DEFAULT now()',
  mysql: 'TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP',
  sqlite: "TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f','now'))",
};

export function flywayTable(dialect: SqlDialect): string {
  return `CREATE TABLE flyway_schema_history (
    installed_rank INT NOT NULL,
    version VARCHAR(50),
    description VARCHAR(200) NOT NULL,
    type VARCHAR(20) NOT NULL,
    script VARCHAR(1000) NOT NULL,
    checksum INTEGER,
    installed_by VARCHAR(100) NOT NULL,
    installed_on ${installedOn[dialect]},
    execution_time INTEGER NOT NULL,
    success BOOLEAN NOT NULL,
    CONSTRAINT flyway_schema_history_pk PRIMARY KEY (installed_rank)
  )`;
}

export interface FlywayRow {
  readonly rank: number;
  readonly version: string | null;
  readonly description: string;
  readonly type?: string;
  readonly success?: boolean;
}

export function flywayRow({ rank, version, description, type = 'SQL', success = true }: FlywayRow): string {
  const written = version === null ? 'NULL' : `'${version}'`;
  return `INSERT INTO flyway_schema_history
    (installed_rank, version, description, type, script, checksum, installed_by, execution_time, success)
    VALUES (${rank}, ${written}, '${description}', '${type}', 'V__x.sql', 1754068345, 'anna', 12, ${String(success)})`;
}

const prismaColumns: Readonly<Record<SqlDialect, string>> = {
  postgresql: `id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, finished_at TIMESTAMPTZ,
    migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at TIMESTAMPTZ,
    started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0`,
  mysql: `id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, finished_at DATETIME(3),
    migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at DATETIME(3),
    started_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3), applied_steps_count INTEGER UNSIGNED NOT NULL DEFAULT 0`,
  sqlite: `id TEXT PRIMARY KEY NOT NULL, checksum TEXT NOT NULL, finished_at DATETIME, migration_name TEXT NOT NULL,
    logs TEXT, rolled_back_at DATETIME, started_at DATETIME NOT NULL DEFAULT current_timestamp,
    applied_steps_count INTEGER UNSIGNED NOT NULL DEFAULT 0`,
};

export function prismaTable(dialect: SqlDialect): string {
  return `CREATE TABLE _prisma_migrations (${prismaColumns[dialect]})`;
}

export interface PrismaRow {
  readonly id: string;
  readonly name: string;
  readonly finished?: boolean;
  readonly rolledBack?: boolean;
}

export function prismaRow({ id, name, finished = true, rolledBack = false }: PrismaRow): string {
  const time = (isSet: boolean) => (isSet ? "'2026-01-01 10:00:00'" : 'NULL');
  return `INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name, rolled_back_at, applied_steps_count)
    VALUES ('${id}', 'c0ffee', ${time(finished)}, '${name}', ${time(rolledBack)}, 1)`;
}
