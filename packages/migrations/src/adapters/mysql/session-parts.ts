import type { HistoryTables } from './history-tables.ts';
import type { MysqlConnection } from './mysql-connection.ts';
import type { RunLock } from './run-lock.ts';

export interface SessionParts {
  readonly connection: MysqlConnection;
  readonly tables: HistoryTables;
  readonly lock: RunLock;
  readonly onReleased: () => void;
}
