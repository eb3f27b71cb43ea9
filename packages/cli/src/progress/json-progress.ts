import type { OutputStream } from '../terminal.ts';
import type { Progress } from './progress.ts';

export interface JsonProgressOptions {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
}

/** Every event as one line of JSON on stdout, as it was emitted. */
export function jsonProgress({ stdout, stderr }: JsonProgressOptions): Progress {
  return {
    onEvent: (event) => {
      stdout.write(`${JSON.stringify(event)}\n`);
    },
    notice: (text) => {
      stderr.write(`${text}\n`);
    },
    close: () => undefined,
  };
}
