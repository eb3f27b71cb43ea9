import { InvalidArgumentError, Option } from 'commander';

import { parseDuration } from '../duration.ts';
import { renderLogLine } from '../render/log-line.ts';
import type { AddCommand } from './command.ts';
import { slotOption, wholeNumber } from './slot-option.ts';

interface Flags {
  readonly follow?: boolean;
  readonly since?: Since;
  readonly tail: number | 'all';
  readonly slot?: 'blue' | 'green';
  readonly timestamps?: boolean;
  readonly unredacted?: boolean;
}

/** A time, or how long ago. */
type Since = { readonly at: number } | { readonly agoMs: number };

const usualLines = 100;

export const addLogs: AddCommand = (program, choose) => {
  program
    .command('logs')
    .argument('<service>')
    .option('-f, --follow', 'go on with what is printed next')
    .addOption(
      new Option('--since <time>', 'only what was printed since, such as 10m or 2026-01-15T12:00:00Z').argParser(since),
    )
    .addOption(
      new Option('--tail <lines>', 'how many of the lines that are there, or all')
        .default(usualLines)
        .argParser((text) => (text === 'all' ? text : wholeNumber(text))),
    )
    .addOption(slotOption())
    .description('show what a service prints, without its secrets')
    .option('-t, --timestamps', 'put its time before each line, where one is known')
    .option('--unredacted', 'show secrets where they are printed, and look up none')
    .action((service: string, { follow, since: begin, tail, slot, timestamps = false, unredacted }: Flags) => {
      choose({
        name: 'logs',
        onlyReads: true,
        run: async ({ environment, signal, show, now }) => {
          const sinceMs = begin === undefined ? undefined : 'at' in begin ? begin.at : now() - begin.agoMs;
          const wanted = { service, slot, tail: tail === 'all' ? undefined : tail, sinceMs, follow, unredacted };
          const logs = await environment.logs({ ...wanted, signal });
          let lines = 0;
          for await (const line of logs.lines) {
            lines += 1;
            const { replica, text, at: printedAt } = line;
            const event = { type: 'log-line', service, slot: logs.slot, replica, text, printedAt };
            if (!(await show({ event, render: (style) => renderLogLine(line, { ...style, timestamps }) }))) break;
          }
          const { release } = logs;
          return { data: { service, slot: logs.slot, release, lines }, render: () => null };
        },
      });
    });
};

function since(text: string): Since {
  const agoMs = parseDuration(text);
  if (agoMs !== null) return { agoMs };
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(at)) return { at };
  throw new InvalidArgumentError(
    'Expected how long ago, such as 90s, 10m or 2h, or a time such as 2026-01-15T12:00:00Z.',
  );
}
