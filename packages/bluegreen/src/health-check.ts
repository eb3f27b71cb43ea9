import type { ExpectedAnswer } from './ports/probe.ts';

interface HealthTimes {
  /** For one question. */
  readonly timeoutMs: number;
  /** Between two questions. */
  readonly intervalMs: number;
  /** For all of them, from the start of the instance on. */
  readonly deadlineMs: number;
  /** So long failures do not count; a crash always does. 0 by default. */
  readonly startPeriodMs?: number | undefined;
  /** How often in a row all must be well; once by default. */
  readonly successes?: number | undefined;
  /** How many failures in a row after the start period end the wait; by default only the deadline does. */
  readonly failures?: number | undefined;
}

/** A request that must be answered well, by each replica and then through the router. */
export interface HttpCheck extends HealthTimes, ExpectedAnswer {
  readonly kind?: 'http' | undefined;
  readonly path: string;
  /** The Host to ask with, instead of the one that outsiders use. */
  readonly host?: string | undefined;
}

/** When a new instance counts as healthy; HTTP by default. Only HTTP is asked through the router, too. */
export type HealthCheck =
  | HttpCheck
  /** Its port takes connections. */
  | (HealthTimes & { readonly kind: 'tcp' })
  /** A command inside each replica ends with 0. */
  | (HealthTimes & { readonly kind: 'command'; readonly command: readonly string[] })
  /** The HEALTHCHECK of its image is content. */
  | (HealthTimes & { readonly kind: 'image' });

/** A check in words, such as `/health` or `the command pg_isready`. */
export function checkInWords(check: HealthCheck): string {
  switch (check.kind) {
    case undefined:
    case 'http':
      return check.path;
    case 'tcp':
      return 'its port';
    case 'command':
      return `the command ${check.command.join(' ')}`;
    case 'image':
      return 'the HEALTHCHECK of its image';
  }
}
