import { parseArgs } from 'node:util';

import { isoTime, messageOf, systemClock } from '@maestro/core';

import { runDemo } from './demo.ts';
import { DemoError } from './errors.ts';
import type { DemoEvent } from './events.ts';
import { narrate } from './narrator.ts';

const usage = 'Usage: npm run demo -- [--json] [--keep | --docker]';

function readFlags(): { readonly docker: boolean; readonly json: boolean; readonly keep: boolean } {
  const flag = { type: 'boolean', default: false } as const;
  try {
    const { values } = parseArgs({ options: { docker: flag, json: flag, keep: flag } });
    // The engine and the image repository may end with the demo.
    if (values.docker && values.keep) throw new Error('--keep is not for --docker');
    return values;
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n${usage}\n`);
    process.exit(2);
  }
}

const { docker, json, keep } = readFlags();

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // A second one changes nothing: npm passes Ctrl-C on although the terminal has sent it here already.
  process.on(signal, () => {
    interruption.abort(new DemoError('DEMO_INTERRUPTED', `stopped by ${signal}`));
  });
}
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A reader that went away, such as `head`, is no reason to leave things running.
  if (error.code !== 'EPIPE') throw error;
});

function emit(event: DemoEvent): void {
  const text = json ? JSON.stringify({ ...event, at: isoTime(systemClock) }) : narrate(event);
  if (text !== undefined) process.stdout.write(`${text}\n`);
}

const result = await runDemo({ docker, keep, emit, clock: systemClock, signal: interruption.signal });
emit(result);
process.exitCode = interruption.signal.aborted ? 130 : result.ok ? 0 : 1;
