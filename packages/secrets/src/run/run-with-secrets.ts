import type { Clock, Redacted } from '@maestro/core';

import type { Variables } from './child-environment.ts';

export interface RunWithSecretsOptions {
  readonly command: string;
  readonly args?: readonly string[] | undefined;
  /** By variable, as `forService` of prepared secrets gives them. */
  readonly secrets: Readonly<Record<string, Redacted>>;
  /** Puts `[redacted]` in place of secrets in what it prints; it then sees pipes in place of a terminal. */
  readonly redactOutput?: boolean | undefined;
  /** What it gets besides; this process's environment by default. `AWS_*` is left out but for the region. */
  readonly inherited?: Variables | undefined;
  /** Names that are left out as well, such as those of secrets that it is not to have. */
  readonly withhold?: readonly string[] | undefined;
  /** Names that are not left out. */
  readonly pass?: readonly string[] | undefined;
  /** Ends the command: SIGTERM, after 10 s SIGKILL. */
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
}

/** How a command ended. */
export interface EndedCommand {
  /** As a shell has it: its own, or 128 and the number of the signal that ended it. */
  readonly exitCode: number;
  readonly signal: NodeJS.Signals | null;
}

/**
 * Runs a command with secrets in its environment, which is in memory only, and waits for its end. Input and output are
 * this process's own; SIGINT, SIGTERM, SIGHUP and SIGQUIT are passed on. Throws `SECRETS_COMMAND_NOT_STARTED`,
 * `SECRETS_UNFIT_FOR_ENVIRONMENT`, or the signal's reason once the command has ended.
 */
export async function runWithSecrets(options: RunWithSecretsOptions): Promise<EndedCommand> {
  // Loaded here: what starts processes makes Node load much, and most who load this package start none.
  const { runChild } = await import('./run-child.ts');
  return runChild(options);
}
