import type { Readable, Writable } from 'node:stream';

import type { InstanceKey } from './runtime.ts';

/** Where a program's input comes from and its output goes. */
export interface ExecStreams {
  /** Null for none. */
  readonly stdin: (Readable & { setRawMode?(raw: boolean): unknown }) | null;
  readonly stdout: Writable & { readonly columns?: number; readonly rows?: number };
  readonly stderr: Writable;
}

export interface ExecRequest extends InstanceKey, ExecStreams {
  /** Which of its copies, from 0 on. */
  readonly replica: number;
  /** Arguments, the program first. */
  readonly command: readonly string[];
  /** Whether it sees a terminal; it then has the size of `stdout`, and all output goes there. */
  readonly tty: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a program beside an instance that runs, in its place and as its user. Returns its exit code; as of a shell it is 126 or 127
 * for what cannot be run. Throws `BLUEGREEN_SLOT_EMPTY`, or the reason of a signal that aborts; what was started then goes on
 * without input.
 */
export type ExecInInstance = (request: ExecRequest) => Promise<{ readonly exitCode: number }>;
