import type { HookName } from './hooks/migration-hooks.ts';

/** Progress of the migrations of one service on one database. */
export type MigrationEvent =
  | {
      readonly type: 'migration-started';
      readonly service: string;
      readonly name: string;
      readonly direction: MigrationDirection;
      /** Whether it is applied after one with a higher number. */
      readonly late: boolean;
    }
  | {
      readonly type: 'migration-applied';
      readonly service: string;
      readonly name: string;
      readonly durationMs: number;
      readonly late: boolean;
    }
  | {
      readonly type: 'migration-reverted';
      readonly service: string;
      readonly name: string;
      readonly durationMs: number;
    }
  | {
      readonly type: 'migration-failed';
      readonly service: string;
      readonly name: string;
      readonly direction: MigrationDirection;
      readonly error: string;
    }
  | {
      readonly type: 'statement-applied';
      readonly service: string;
      readonly name: string;
      readonly direction: MigrationDirection;
      /** From 1 on. */
      readonly number: number;
      readonly total: number;
      readonly durationMs: number;
    }
  | {
      /** Sent once for each wait: for another runner, or for whoever holds a table. */
      readonly type: 'waiting-for-lock';
      readonly service: string;
      readonly location: string;
      readonly timeoutMs: number;
      /** What was not free. */
      readonly reason: string;
    }
  | {
      readonly type: 'hook-started';
      readonly service: string;
      readonly hook: HookName;
      /** The migration it is about; null for a hook of the whole run. */
      readonly name: string | null;
    }
  | {
      readonly type: 'hook-finished';
      readonly service: string;
      readonly hook: HookName;
      readonly name: string | null;
      readonly durationMs: number;
    }
  | {
      readonly type: 'migration-adopted';
      readonly service: string;
      readonly name: string;
      /** Whose history says that it was applied. */
      readonly from: string;
    }
  | {
      readonly type: 'schema-dumped';
      readonly service: string;
      readonly file: string;
      /** Whether the file said something else before. */
      readonly changed: boolean;
    };

/** Progress of a batch; what happens on a database carries the database's name. */
export type BatchEvent =
  | {
      readonly type: 'database-checked';
      readonly database: string;
      /** How many migrations a run would apply. */
      readonly planned: number;
    }
  | {
      /** Nothing is touched then on any database. */
      readonly type: 'database-refused';
      readonly database: string;
      readonly error: string;
    }
  | { readonly type: 'database-started'; readonly database: string; readonly planned: number }
  | {
      readonly type: 'database-finished';
      readonly database: string;
      readonly outcome: BatchOutcome;
      readonly applied: number;
    }
  | (MigrationEvent & { readonly database: string });

/** Stopped means after some of its migrations. */
export type BatchOutcome = 'done' | 'failed' | 'stopped' | 'untouched';

export type MigrationDirection = 'up' | 'down';
