import { type Logger, messageOf, silentLogger } from '@maestro/core';
import type { Environment } from '@maestro/orchestrator';

import type { CliOptions } from './cli-options.ts';
import type { Command, CommandResult } from './commands/command.ts';
import { confirm } from './confirm.ts';
import { parseDuration } from './duration.ts';
import { CliError, cutShort, timedOut, usageError } from './errors.ts';
import { exitCodeOf, exitCodes } from './exit-codes.ts';
import type { GlobalFlags } from './parse-arguments.ts';
import { openProgress } from './progress/open-progress.ts';
import { stderrLogger } from './stderr-logger.ts';
import { isTerminal } from './terminal.ts';
import { withTimeLimit } from './time-limit.ts';

export interface RunCommandOptions extends CliOptions {
  readonly command: Command;
  readonly flags: GlobalFlags;
}

/**
 * Runs a command in its environment, within its time limit. Throws what the environment throws, `CLI_USAGE` before
 * anything is touched, `CLI_INTERRUPTED` or `CLI_TIMEOUT` when the work was stopped and cleaned up.
 */
export async function runCommand(options: RunCommandOptions): Promise<CommandResult> {
  const { command, flags, clock, signal } = options;
  const name = environmentName(options);
  const timeout = flags.timeout;
  if (timeout === undefined) return runUntilStopped(options, name, signal);

  const limitMs = parseDuration(timeout);
  if (limitMs === null) {
    throw usageError(`--timeout is a time of up to 24 hours such as 90s, 5m or 1h, not "${timeout}"`, 'maestro --help');
  }
  return withTimeLimit((limited) => runUntilStopped(options, name, limited), {
    limitMs,
    clock,
    signal,
    onExpired: () => timedOut(command.name, timeout),
  });
}

function environmentName({ command, flags, env }: RunCommandOptions): string {
  const name = flags.environment ?? env.MAESTRO_ENVIRONMENT ?? '';
  if (name !== '') return name;
  throw usageError(
    `${command.name} needs the name of an environment`,
    `maestro ${command.name} -e <name>, or set MAESTRO_ENVIRONMENT`,
  );
}

async function runUntilStopped(options: RunCommandOptions, name: string, signal: AbortSignal): Promise<CommandResult> {
  try {
    await askFirst(options, name, signal);
    return await runWithProgress(options, name, signal);
  } catch (error) {
    // A refusal, a mistake or a release left cut off says more than that somebody stopped waiting.
    const failed = exitCodeOf(error) === exitCodes.failed;
    if (signal.aborted && failed) throw cutShort(signal.reason as CliError, error);
    throw error;
  }
}

async function askFirst(options: RunCommandOptions, name: string, signal: AbortSignal): Promise<void> {
  const { command, flags, stdin, stderr, env } = options;
  if (command.question === undefined || flags.yes === true) return;
  if (stdin.isTTY !== true || !isTerminal(stderr, env)) {
    throw usageError(
      `${command.name} asks before it acts, and nobody can answer here`,
      `maestro ${command.name} -e ${name} --yes`,
    );
  }
  const confirmed = await confirm({ question: command.question(name), input: stdin, output: stderr, signal });
  if (!confirmed) throw new CliError('CLI_NOT_CONFIRMED', `${command.name} was not confirmed; nothing was changed`);
}

async function runWithProgress(options: RunCommandOptions, name: string, signal: AbortSignal): Promise<CommandResult> {
  const { flags, stderr, clock } = options;
  const progress = await openProgress(options);
  const onAbort = () => {
    progress.notice(`${messageOf(signal.reason)}; cleaning up. A second Ctrl-C exits at once.`);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  const logger = flags.verbose === true ? stderrLogger(stderr, clock) : silentLogger;
  try {
    const config = flags.config === undefined ? {} : { config: flags.config };
    if (options.command.ownsProcess === true) options.letGoOfSignals();
    const environment = await options.openEnvironment({ environment: name, logger, ...config });
    try {
      signal.throwIfAborted();
      const { program, user } = options;
      return await options.command.run({ environment, onEvent: progress.onEvent, signal, program, user });
    } finally {
      await close(environment, logger);
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    progress.close();
  }
}

/** A release that is done stays done, whatever goes wrong while letting go of its environment. */
async function close(environment: Environment, logger: Logger): Promise<void> {
  try {
    await environment[Symbol.asyncDispose]();
  } catch (error) {
    logger.warn('the environment did not close cleanly', { error: messageOf(error) });
  }
}
