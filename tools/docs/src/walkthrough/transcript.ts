import type { DocsEvent } from '../events.ts';
import { seconds } from '../narrator.ts';
import type { StepReport } from './run-walkthrough.ts';

/** Everything that was done and printed in walkthroughs, with times, as plain text. */
export function transcriptOf(events: readonly DocsEvent[]): string {
  return events.flatMap(transcribe).join('\n');
}

function transcribe(event: DocsEvent): readonly string[] {
  switch (event.type) {
    case 'walkthrough-started':
      return [`=== ${event.title} (${event.file})`, ''];
    case 'step':
      return transcribeStep(event);
    case 'walkthrough-finished':
      return [
        `=== ${event.file}: ${event.ok ? 'as it says' : 'NOT AS IT SAYS'}, ${seconds(event.durationMs).trim()}`,
        '',
      ];
    default:
      return [];
  }
}

function transcribeStep({ kind, line, text, durationMs, exitCode, printed, problem }: StepReport): readonly string[] {
  const time = `[line ${line}, ${seconds(durationMs).trim()}]`;
  const wrong = problem === null ? [] : [`!!! ${problem.message.split('\n')[0] ?? ''}`];
  if (kind === 'write') return [`${time} writes ${text}`, ...wrong, ''];
  if (kind === 'not-run') return [`${time} not run: ${text}`, ''];
  const commands = text.split('\n').map((command) => `$ ${command}`);
  return [time, ...commands, ...printed.trimEnd().split('\n'), `(ended with ${exitCode ?? 'nothing'})`, ...wrong, ''];
}
