import { z } from 'zod';

import type { DemoEvent, DemoResult } from './events.ts';
import type { LoadReport } from './load-report.ts';
import type { MaestroEvent } from './maestro-process.ts';
import type { StepRelease } from './verdict.ts';

/** The fields of the command line's progress that are told; its other events are not. */
const toldSchema = z.object({
  type: z.enum(['step-finished', 'step-failed']),
  step: z.object({ summary: z.string() }),
  durationMs: z.number(),
});

/** What a person reads of an event; undefined when it is not worth a line. */
export function narrate(event: DemoEvent): string | undefined {
  switch (event.type) {
    case 'preparing':
      return event.message;
    case 'demo-started':
      return `Two services, three commits, constant load. The project: ${event.folder}`;
    case 'step-started':
      return `\n${event.title}`;
    case 'maestro':
      return narrateMaestro(event.event);
    case 'step-finished':
      return narrateRelease(event.release);
    case 'load':
      return `  users: ${narrateLoad(event.report)}`;
    case 'kept':
      return [
        `\nIt goes on running at ${event.url ?? 'no address'}, in ${event.folder}. Next:`,
        ...event.commands.map(indent),
      ].join('\n');
    case 'warning':
      return `Warning: ${event.message}`;
    case 'result':
      return narrateResult(event);
  }
}

function narrateMaestro(event: MaestroEvent): string | undefined {
  const { success, data } = toldSchema.safeParse(event);
  if (!success) return undefined;
  const mark = data.type === 'step-finished' ? '✓' : '✗';
  return `  ${milliseconds(data.durationMs).padStart(7)}  ${mark} ${data.step.summary}`;
}

function narrateRelease({ outcome, durationMs, switchMs, reason }: StepRelease): string {
  const moved = switchMs === null ? '' : `, all traffic moved in ${switchMs.toFixed(2)} ms`;
  const why = reason === null ? [] : ['  because', ...reason.split('\n').map((line) => `    ${line}`)];
  return [`  ${outcome} in ${milliseconds(durationMs)}${moved}`, ...why].join('\n');
}

function narrateLoad({ requests, failedRequests, versions }: LoadReport): string {
  const seen = Object.entries(versions).map(([version, count]) => `${thousands(count)} by ${version}`);
  return `${thousands(requests)} requests, ${failedRequests} failed; answered: ${seen.join(', ')}`;
}

function narrateResult(result: DemoResult): string {
  if ('error' in result) {
    const { code, message, hint } = result.error;
    return ['', `FAILED ${code}: ${message}`, ...(hint === undefined ? [] : [`Next: ${hint}`])].join('\n');
  }
  return [
    '',
    ...table(result.releases),
    '',
    `${thousands(result.requests)} requests, ${result.failedRequests} failed, the slowest took ${milliseconds(result.slowestMs)}.`,
    `${thousands(result.posts)} templates were sent and acknowledged.`,
    ...(result.ok
      ? ['Each of them is stored exactly once. Nobody noticed anything.']
      : ['NOT AS PROMISED:', ...result.problems.map(indent)]),
  ].join('\n');
}

function table(releases: readonly StepRelease[]): readonly string[] {
  const rows = releases.map(({ title, outcome, durationMs, switchMs }) => [
    title,
    outcome,
    milliseconds(durationMs),
    switchMs === null ? '-' : `${switchMs.toFixed(2)} ms`,
  ]);
  const cells = [['step', 'outcome', 'took', 'switch'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function milliseconds(value: number): string {
  return value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`;
}

function thousands(value: number): string {
  return value.toLocaleString('en-US');
}

function indent(line: string): string {
  return `  ${line}`;
}
