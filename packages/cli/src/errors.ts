import { isMaestroError, MaestroError, type MaestroErrorOptions } from '@maestro/core';

/** Every code the command line itself reports; the README says what to do about each. */
export type CliErrorCode =
  | 'CLI_CHECKS_FAILED'
  | 'CLI_INTERRUPTED'
  | 'CLI_LINT_REFUSED'
  | 'CLI_MIGRATIONS_FAILED'
  | 'CLI_NOT_CONFIRMED'
  | 'CLI_RELEASE_FAILED'
  | 'CLI_TIMEOUT'
  | 'CLI_USAGE';

export class CliError extends MaestroError<CliErrorCode> {
  constructor(code: CliErrorCode, message: string, options?: MaestroErrorOptions) {
    super(code, message, options);
    this.name = 'CliError';
  }
}

export function usageError(message: string, hint: string): CliError {
  return new CliError('CLI_USAGE', message, { hint });
}

export function interrupted(signalName: string): CliError {
  return new CliError('CLI_INTERRUPTED', `interrupted by ${signalName}`, { hint: 'maestro status' });
}

export function timedOut(command: string, timeout: string): CliError {
  return new CliError('CLI_TIMEOUT', `${command} took longer than --timeout ${timeout}`, {
    hint: 'maestro status shows how things stand; then run it again, with a longer --timeout where the work needs it',
  });
}

/** What is reported when `failure` came of stopping the work for `reason`; keeps what the failure knows. */
export function cutShort(reason: CliError, failure: unknown): CliError {
  if (!isMaestroError(failure) || failure === reason) return reason;
  const hint = failure.hint ?? reason.hint;
  const message = failure.message.includes(reason.message) ? failure.message : `${reason.message}: ${failure.message}`;
  return new CliError(reason.code, message, {
    ...(hint === undefined ? {} : { hint }),
    ...(failure.details === undefined ? {} : { details: failure.details }),
    cause: failure,
  });
}
