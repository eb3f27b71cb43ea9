import { isoTime, systemClock } from '@maestro/core';

import type { PartReport } from './commands.ts';

export interface Reporter {
  readonly report: (report: PartReport) => void;
  readonly say: (line: string) => void;
  readonly end: (result: Result) => void;
}

interface Result {
  readonly ok: boolean;
  readonly parts: readonly PartReport[];
}

/** A table for people, its notes on stderr. */
export function tableReporter(): Reporter {
  return {
    say: (line) => process.stderr.write(`${line}\n`),
    report: (report) => {
      for (const line of tableLines(report)) process.stdout.write(`${line}\n`);
    },
    end: () => undefined,
  };
}

/** One line of JSON an event; the last one is the result. */
export function jsonReporter(): Reporter {
  const write = (event: object) => process.stdout.write(`${JSON.stringify(event)}\n`);
  const at = () => isoTime(systemClock);
  return {
    say: (line) => write({ type: 'progress', at: at(), line }),
    report: (report) => write({ type: 'part', at: at(), ...report }),
    end: (result) => write({ type: 'result', at: at(), ...result }),
  };
}

function tableLines(report: PartReport): readonly string[] {
  const { part, state, version, error } = report;
  const row = `${part.padEnd(25)} ${state.padEnd(12)} ${(version ?? '').padEnd(28)} ${where(report)}`.trimEnd();
  return error === undefined ? [row] : [row, `  ${error.code}: ${error.message}`, `  next: ${error.hint ?? ''}`];
}

function where(report: PartReport): string {
  switch (report.state) {
    case 'running':
      return report.address;
    case 'available':
      return report.programs.join(' ');
    case 'installable':
      return `would install ${report.packages.join(' ')}`;
    case 'missing':
      return report.get;
  }
}
