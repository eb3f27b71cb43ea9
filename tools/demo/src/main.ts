import { parseArgs } from 'node:util';

import { isoTime, messageOf, systemClock } from '@maestro/core';

import { runDemo } from './demo.ts';
import { DemoError } from './errors.ts';
import type { DemoEvent } from './events.ts';
import { narrate } from './narrator.ts';

const usage = 'Usage: npm run demo -- [--json] [--keep]';

function readFlags(): { readonly json: boolean; readonly keep: boolean } {
  const options = { json: { type: 'boolean', default: false }, keep: { type: 'boolean', default: false } } as const;
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n${usage}\n`);
    process.exit(2);
  }
}

const { json, keep } = readFlags();

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

const result = await runDemo({ keep, emit, clock: systemClock, signal: interruption.signal });
emit(result);
process.exitCode = interruption.signal.aborted ? 130 : result.ok ? 0 : 1;
