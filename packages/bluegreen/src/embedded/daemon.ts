#!/usr/bin/env node
import { type Logger, type LogFields, reportError, systemClock } from '@maestro/core';

import { runDaemon } from '../adapters/embedded/daemon/daemon.ts';
import { exitCodes } from '../adapters/embedded/exit-codes.ts';

const [stateFolder] = process.argv.slice(2);
const shutdown = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    shutdown.abort();
  });
}
// Its terminal going away is no reason to end.
process.on('SIGHUP', () => undefined);

if (stateFolder === undefined) {
  process.stderr.write('usage: daemon <state folder>\n');
  process.exitCode = exitCodes.usage;
} else {
  try {
    const ran = await runDaemon({ stateFolder, signal: shutdown.signal, clock: systemClock, logger: lineLogger() });
    // At once: clients that keep their connections open must not keep the process.
    process.exit(ran ? exitCodes.done : exitCodes.heldElsewhere);
  } catch (error) {
    process.stderr.write(`${JSON.stringify({ level: 'error', ...reportError(error) })}\n`);
    process.exit(exitCodes.failed);
  }
}

function lineLogger(): Logger {
  const write = (level: keyof Logger) => (message: string, fields?: LogFields) => {
    process.stderr.write(`${JSON.stringify({ at: new Date().toISOString(), level, message, ...fields })}\n`);
  };
  return { debug: () => undefined, info: write('info'), warn: write('warn'), error: write('error') };
}
