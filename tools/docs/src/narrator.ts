import type { DocsEvent, DocsResult } from './events.ts';
import { describeProblem } from './problem.ts';
import type { StepReport } from './walkthrough/run-walkthrough.ts';

/** What a person reads of an event; undefined where it is not worth a line. */
export function narrate(event: DocsEvent): string | undefined {
  switch (event.type) {
    case 'progress':
      return event.line;
    case 'walkthrough-started':
      return `\n${event.title} (${event.file})`;
    case 'step':
      return narrateStep(event);
    case 'walkthrough-finished':
      return `  ${seconds(event.durationMs)}  ${event.ok ? 'all as it says' : 'NOT AS IT SAYS'}`;
    case 'generated':
      return `${event.changed ? 'written' : 'as it was'}  ${event.file}`;
    case 'result':
      return narrateResult(event);
  }
}

function narrateStep({ kind, line, text, durationMs, problem }: StepReport): string {
  const [first = '', ...more] = text.split('\n').filter((one) => !/^\s*(?:#|$)/.test(one));
  const shown = more.length === 0 ? first : `${first} …`;
  const mark = kind === 'not-run' ? '-' : problem === null ? '✓' : '✗';
  const what = { write: 'writes ', 'not-run': 'not run: ', run: '' }[kind];
  const why = problem === null ? '' : `\n${problem.message.trimEnd().replaceAll(/^/gm, '              ')}`;
  return `  ${seconds(durationMs)}  ${mark} line ${line}: ${what}${shown}${why}`;
}

function narrateResult({ ok, counts, problems, notChecked, error }: DocsResult): string {
  if (error !== undefined) {
    return [
      `\nFAILED ${error.code}: ${error.message}`,
      ...(error.hint === undefined ? [] : [`Next: ${error.hint}`]),
    ].join('\n');
  }
  const counted = Object.entries(counts).map(([what, count]) => `${count.toLocaleString('en-US')} ${what}`);
  return [
    '',
    ...(notChecked.length === 0
      ? []
      : [`NOT CHECKED HERE (${notChecked.length}):`, ...notChecked.map(describeProblem), '']),
    ...(problems.length === 0 ? [] : [`WRONG (${problems.length}):`, ...problems.map(describeProblem), '']),
    `${counted.join(', ')}; ${notChecked.length} not checked here`,
    ok ? 'The documentation is as it says.' : `The documentation is wrong at ${problems.length} places.`,
  ].join('\n');
}

/** As wide as an hour's worth, so that times stand below one another. */
export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1).padStart(6)} s`;
}
