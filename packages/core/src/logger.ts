import type { JsonValue } from './maestro-error.ts';

/** Structured fields of a log line. */
export type LogFields = Readonly<Record<string, JsonValue>>;

/** Where a package says what it does; injected, silent by default. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

function ignore(): void {
  return undefined;
}

/** The default logger: says nothing. */
export const silentLogger: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
