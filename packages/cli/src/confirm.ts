import { createInterface } from 'node:readline';

import type { InputStream, OutputStream } from './terminal.ts';

export interface ConfirmOptions {
  readonly question: string;
  readonly input: InputStream;
  readonly output: OutputStream;
  readonly signal: AbortSignal;
}

/** Asks a person; anything but yes, the end of the input too, is no. Rejects with the signal's reason. */
export async function confirm({ question, input, output, signal }: ConfirmOptions): Promise<boolean> {
  output.write(`${question} [y/N] `);
  // Without `terminal: false` readline would take Ctrl-C for itself.
  const lines = createInterface({ input, terminal: false, signal });
  try {
    for await (const line of lines) return /^y(es)?$/i.test(line.trim());
    signal.throwIfAborted();
    return false;
  } finally {
    // An input that is still read from keeps the process alive.
    lines.close();
  }
}
