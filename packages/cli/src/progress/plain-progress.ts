import { renderEventLine } from '../render/event-line.ts';
import type { OutputStream } from '../terminal.ts';
import type { Progress } from './progress.ts';

/** Every event as one line of text, for logs of pipelines and for reading along with `--verbose`. */
export function plainProgress(stderr: OutputStream): Progress {
  return {
    onEvent: (event) => {
      const line = renderEventLine(event);
      if (line !== null) stderr.write(`${line}\n`);
    },
    notice: (text) => {
      stderr.write(`${text}\n`);
    },
    close: () => undefined,
  };
}
