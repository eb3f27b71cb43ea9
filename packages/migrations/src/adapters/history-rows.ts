import type { HistoryRow, UnfinishedMigration } from '../ports/migration-database.ts';

type Row = Readonly<Record<string, unknown>>;

/** A row of the history table, whose columns are the same everywhere; only its time is told in the engine's own way. */
export function historyRow(row: Row, at: string): HistoryRow {
  return {
    name: String(row.name),
    checksum: String(row.checksum),
    phase: row.phase === 'contract' ? 'contract' : 'expand',
    at,
    durationMs: Number(row.duration_ms),
    by: String(row.executed_by),
    version: Number(row.version),
    ...(typeof row.adopted_from === 'string' ? { adoptedFrom: row.adopted_from } : {}),
  };
}

/** A row of the table of migrations that are applied in part. */
export function unfinishedMigration(row: Row): UnfinishedMigration {
  return {
    name: String(row.name),
    direction: row.direction === 'down' ? 'down' : 'up',
    done: Number(row.done),
    total: Number(row.total),
    hash: String(row.hash),
    unknown: typeof row.unknown_sql === 'string' ? { sql: row.unknown_sql, hash: String(row.unknown_hash) } : undefined,
  };
}
