import { type Clock, isoTime, type LogFields, type Logger } from '@maestro/core';

import { formatTimeOfDay } from './render/times.ts';
import type { OutputStream } from './terminal.ts';

/** Writes log lines as text: `12:03:04 warn  message {"field":1}`. */
export function stderrLogger(stderr: OutputStream, clock: Clock): Logger {
  const write = (level: keyof Logger) => (message: string, fields?: LogFields) => {
    const details = fields === undefined ? '' : ` ${JSON.stringify(fields)}`;
    stderr.write(`${formatTimeOfDay(isoTime(clock))} ${level.padEnd(5)} ${message}${details}\n`);
  };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}
