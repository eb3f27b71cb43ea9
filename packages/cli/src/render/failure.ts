import { isMaestroError, messageOf, reportError } from '@maestro/core';

import type { Colors } from '../terminal.ts';
import { completeHint, type PlaceFlags } from './hint.ts';

export interface FailureStyle {
  readonly colors: Colors;
  /** Whether to tell everything that led to it too. */
  readonly causes: boolean;
  readonly flags: PlaceFlags;
}

/** A failure for people: code, message and the next step. */
export function renderFailure(error: unknown, { colors, causes, flags }: FailureStyle): string {
  const { code, message, hint } = reportError(error);
  return [
    `${colors.red(code)}: ${message}`,
    ...(hint === undefined ? [] : [`Next: ${completeHint(hint, flags)}`]),
    ...(causes ? renderCauses(error) : []),
  ].join('\n');
}

/** The `error` field of a `--json` result. */
export function failureReport(error: unknown, flags: PlaceFlags) {
  const { code, message, hint } = reportError(error);
  return { code, message, hint: hint === undefined ? null : completeHint(hint, flags) };
}

function renderCauses(error: unknown): readonly string[] {
  // Errors without a code are bugs or the system's own; where they come from is all there is to go by.
  const origin = isMaestroError(error) || !(error instanceof Error) ? [] : [error.stack ?? ''];
  return [...origin, ...causesOf(error).map((cause) => `  caused by ${describe(cause)}`)];
}

function causesOf(error: unknown, seen: readonly unknown[] = []): readonly unknown[] {
  if (!(error instanceof Error) || seen.includes(error)) return [];
  const direct: readonly unknown[] = error instanceof AggregateError ? error.errors : [error.cause];
  return direct
    .filter((cause) => cause !== undefined)
    .flatMap((cause) => [cause, ...causesOf(cause, [...seen, error])]);
}

function describe(cause: unknown): string {
  return isMaestroError(cause) ? `${cause.code}: ${cause.message}` : messageOf(cause);
}
