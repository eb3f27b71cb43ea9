import type { DatabaseSync } from 'node:sqlite';

import type { HistoryRow } from '../../ports/migration-database.ts';
import { historyRow } from '../history-rows.ts';

const table = 'maestro_migrations';
const defaultPhase = 'expand';

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
    phase TEXT NOT NULL DEFAULT '${defaultPhase}',
    adopted_from TEXT,
    UNIQUE (service, name)
  )`);
  const columns = connection
    .prepare('SELECT name FROM pragma_table_info(?)')
    .all(table)
    .map(({ name }) => name);
  // Tables of earlier versions have neither.
  if (!columns.includes('phase')) {
    connection.exec(`ALTER TABLE ${table} ADD COLUMN phase TEXT NOT NULL DEFAULT '${defaultPhase}'`);
  }
  if (!columns.includes('adopted_from')) connection.exec(`ALTER TABLE ${table} ADD COLUMN adopted_from TEXT`);
}

export function readHistory(connection: DatabaseSync, service: string): HistoryRow[] {
  const exists = connection.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?").get(table);
  if (exists === undefined) return [];
  return connection
    .prepare(`SELECT * FROM ${table} WHERE service = ? ORDER BY sequence`)
    .all(service)
    .map((row) => historyRow(row, String(row.applied_at)));
}

export function addToHistory(connection: DatabaseSync, service: string, row: HistoryRow): void {
  const { name, checksum, at, durationMs, by, version, phase, adoptedFrom = null } = row;
  connection
    .prepare(
      `INSERT INTO ${table} (service, name, checksum, applied_at, duration_ms, executed_by, version, phase, adopted_from)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(service, name, checksum, at, durationMs, by, version, phase, adoptedFrom);
}

export function removeFromHistory(connection: DatabaseSync, service: string, name: string): void {
  connection.prepare(`DELETE FROM ${table} WHERE service = ? AND name = ?`).run(service, name);
}
