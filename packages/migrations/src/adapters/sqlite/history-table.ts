import type { DatabaseSync } from 'node:sqlite';

import type { HistoryRow } from '../../ports/migration-database.ts';

const table = 'maestro_migrations';

export function createHistory(connection: DatabaseSync): void {
  connection.exec(`CREATE TABLE IF NOT EXISTS ${table} (
    sequence INTEGER PRIMARY KEY,
    service TEXT NOT NULL,
    name TEXT NOT NULL,
    checksum TEXT NOT NULL,
    applied_at TEXT NOT NULL,
    duration_ms INTEGER NOT NULL,
    executed_by TEXT NOT NULL,
    version INTEGER NOT NULL,
    UNIQUE (service, name)
  )`);
}

export function readHistory(connection: DatabaseSync, service: string): HistoryRow[] {
  const exists = connection.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?").get(table);
  if (exists === undefined) return [];
  return connection
    .prepare(`SELECT * FROM ${table} WHERE service = ? ORDER BY sequence`)
    .all(service)
    .map((row) => ({
      name: String(row.name),
      checksum: String(row.checksum),
      at: String(row.applied_at),
      durationMs: Number(row.duration_ms),
      by: String(row.executed_by),
      version: Number(row.version),
    }));
}

export function addToHistory(connection: DatabaseSync, service: string, row: HistoryRow): void {
  connection
    .prepare(
      `INSERT INTO ${table} (service, name, checksum, applied_at, duration_ms, executed_by, version)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(service, row.name, row.checksum, row.at, row.durationMs, row.by, row.version);
}

export function removeFromHistory(connection: DatabaseSync, service: string, name: string): void {
  connection.prepare(`DELETE FROM ${table} WHERE service = ? AND name = ?`).run(service, name);
}
