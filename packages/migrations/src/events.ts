/** Progress of a run or a rollback. */
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
      /** Sent once for each wait. */
      readonly type: 'waiting-for-lock';
      readonly service: string;
      readonly location: string;
      readonly timeoutMs: number;
    };

export type MigrationDirection = 'up' | 'down';
