import type { InstanceKey } from './runtime.ts';

/** What an instance printed. */
export interface LogLine {
  /** Which of its copies, from 0 on. */
  readonly replica: number;
  /** RFC 3339; null where the runtime keeps no times. */
  readonly at: string | null;
  readonly text: string;
}

export interface LogQuery extends InstanceKey {
  /** How many of the lines that are there already; all by default. */
  readonly tail?: number | undefined;
  /** Only what was printed at this time or later, in milliseconds since 1970. */
  readonly sinceMs?: number | undefined;
  /** Goes on with what is printed next, through restarts, until the instance has ended for good or the signal aborts. */
  readonly follow?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Reads what instances print, both of its streams. */
export interface InstanceLogs {
  /**
   * Its lines, oldest first; none where nothing ever ran. Ends by throwing the reason of a signal that aborts. Throws
   * `BLUEGREEN_LOGS_UNTIMED` for `sinceMs` where the runtime keeps no times.
   */
  read(query: LogQuery): AsyncIterable<LogLine>;
}
