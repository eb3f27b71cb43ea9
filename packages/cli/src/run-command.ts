import { isoTime, type Logger, messageOf, silentLogger } from '@maestro/core';
import type { Environment } from '@maestro/orchestrator';

import type { CliOptions } from './cli-options.ts';
import type {
  Command,
  CommandContext,
  CommandResult,
  EnvironmentCommand,
  PlaceCommand,
  StandaloneContext,
} from './commands/command.ts';
import { confirm } from './confirm.ts';
import { parseDuration } from './duration.ts';
import { CliError, cutShort, timedOut, usageError } from './errors.ts';
import { exitCodeOf, exitCodes } from './exit-codes.ts';
import type { GlobalFlags } from './parse-arguments.ts';
import { openProgress } from './progress/open-progress.ts';
import { stderrLogger } from './stderr-logger.ts';
import { colorsFor, isTerminal } from './terminal.ts';
import { withTimeLimit } from './time-limit.ts';

export interface RunCommandOptions extends CliOptions {
  readonly command: Command;
  readonly flags: GlobalFlags;
}

interface RunInEnvironmentOptions extends RunCommandOptions {
  readonly command: EnvironmentCommand;
  readonly name: string;
}

/**
 * Runs a command in its environment, within its time limit. Throws what the environment throws, `CLI_USAGE` before
 * anything is touched, `CLI_INTERRUPTED` or `CLI_TIMEOUT` when the work was stopped and cleaned up.
 */
export async function runCommand(options: RunCommandOptions): Promise<CommandResult> {
  const { command, flags, clock, signal } = options;
  const work = workOf(options);
  const timeout = flags.timeout;
  if (timeout === undefined) return runUntilStopped(work, signal);

  const limitMs = parseDuration(timeout);
  if (limitMs === null) {
    throw usageError(`--timeout is a time of up to 24 hours such as 90s, 5m or 1h, not "${timeout}"`, 'maestro --help');
  }
  return withTimeLimit((limited) => runUntilStopped(work, limited), {
    limitMs,
    clock,
    signal,
    onExpired: () => timedOut(command.name, timeout),
  });
}

type Work = (signal: AbortSignal) => Promise<CommandResult>;

function workOf(options: RunCommandOptions): Work {
  const { command, clock } = options;
  const standalone = { now: () => clock.now(), library: options.library };
  if ('runAlone' in command) return (signal) => command.runAlone({ ...standalone, signal });
  if ('runAt' in command) return (signal) => runAtPlace({ ...options, command }, { ...standalone, signal });
  const named = { ...options, command, name: environmentName(options) };
  return async (signal) => {
    await askFirst(named, signal);
    return await runWithProgress(named, signal);
  };
}

async function runAtPlace(
  options: RunCommandOptions & { readonly command: PlaceCommand },
  context: StandaloneContext,
): Promise<CommandResult> {
  const { command, flags } = options;
  const environment = environmentName(options);
  const progress = await openProgress(options);
  try {
    const { onEvent } = progress;
    return await command.runAt({ ...context, environment, config: flags.config, onEvent, logger: loggerOf(options) });
  } finally {
    progress.close();
  }
}

function loggerOf({ flags, stderr, clock }: RunCommandOptions): Logger {
  return flags.verbose === true ? stderrLogger(stderr, clock) : silentLogger;
}

function environmentName({ command, flags, env }: RunCommandOptions): string {
  const name = flags.environment ?? env.MAESTRO_ENVIRONMENT ?? '';
  if (name !== '') return name;
  throw usageError(
    `${command.name} needs the name of an environment`,
    `maestro ${command.name} -e <name>, or set MAESTRO_ENVIRONMENT`,
  );
}

async function runUntilStopped(work: Work, signal: AbortSignal): Promise<CommandResult> {
  try {
    return await work(signal);
  } catch (error) {
    // A refusal, a mistake or a release left cut off says more than that somebody stopped waiting.
    const failed = exitCodeOf(error) === exitCodes.failed;
    if (signal.aborted && failed) throw cutShort(signal.reason as CliError, error);
    throw error;
  }
}

async function askFirst(options: RunInEnvironmentOptions, signal: AbortSignal): Promise<void> {
  const { command, name, flags, stdin, stderr, env } = options;
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

async function runWithProgress(options: RunInEnvironmentOptions, signal: AbortSignal): Promise<CommandResult> {
  const { command, name, flags, clock } = options;
  const progress = await openProgress(options);
  const onAbort = () => {
    if (command.onlyReads === true) return;
    progress.notice(`${messageOf(signal.reason)}; cleaning up. A second Ctrl-C exits at once.`);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  const logger = loggerOf(options);
  try {
    const config = flags.config === undefined ? {} : { config: flags.config };
    if (command.ownsProcess === true) options.letGoOfSignals();
    const environment = await options.openEnvironment({ environment: name, logger, ...config });
    try {
      signal.throwIfAborted();
      const { program, user } = options;
      const onEvent = favouringMemory(options, progress.onEvent);
      const notice = (text: string) => {
        progress.notice(text);
      };
      const show = shownOn(options);
      const now = () => clock.now();
      return await command.run({ environment, onEvent, notice, signal, program, user, show, now });
    } finally {
      await close(environment, logger);
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    progress.close();
  }
}

/**
 * Layers stream through memory, whose collector would rather let it grow: a third less for a tenth more of processor time, on
 * machines that have services to run. What says nothing of what it does has nothing to do, and is better quick.
 */
function favouringMemory<T>({ favourMemory }: Pick<CliOptions, 'favourMemory'>, observe: (event: T) => void) {
  let begun = false;
  return (event: T) => {
    if (!begun) favourMemory();
    begun = true;
    observe(event);
  };
}

function shownOn({ flags, stdout, env, clock }: RunCommandOptions): CommandContext['show'] {
  const style = () => ({ colors: colorsFor(stdout, env, flags.color), now: clock.now() });
  return async ({ event, render }) => {
    const line = flags.json === true ? JSON.stringify({ ...event, at: isoTime(clock) }) : render(style());
    await new Promise<void>((resolve) => {
      stdout.write(`${line}\n`, () => {
        resolve();
      });
    });
    return stdout.writable;
  };
}

/** A release that is done stays done, whatever goes wrong while letting go of its environment. */
async function close(environment: Environment, logger: Logger): Promise<void> {
  try {
    await environment[Symbol.asyncDispose]();
  } catch (error) {
    logger.warn('the environment did not close cleanly', { error: messageOf(error) });
  }
}
