import type { ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

import { type Clock, type Redacted, systemClock } from '@maestro/core';

import { commandNotStarted } from '../errors.ts';
import { createScrubber, type Scrubber } from '../scrubber.ts';
import { childEnvironment, type Variables } from './child-environment.ts';
import { ForwardedSignals } from './forwarded-signals.ts';

export interface RunWithSecretsOptions {
  readonly command: string;
  readonly args?: readonly string[] | undefined;
  /** Where it runs; the current folder by default. */
  readonly folder?: string | undefined;
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

const killAfterMs = 10_000;

/**
 * Runs a command with secrets in its environment, which is in memory only, and waits for its end. Input and output are
 * this process's own; SIGINT, SIGTERM, SIGHUP and SIGQUIT are passed on. Throws `SECRETS_COMMAND_NOT_STARTED`,
 * `SECRETS_UNFIT_FOR_ENVIRONMENT`, or the signal's reason once the command has ended.
 */
export async function runWithSecrets(options: RunWithSecretsOptions): Promise<EndedCommand> {
  const { secrets, redactOutput = false, signal } = options;
  const { inherited = process.env, withhold = [], pass = [], clock = systemClock } = options;
  signal?.throwIfAborted();
  const env = childEnvironment({ inherited, secrets, withhold, pass });
  using signals = new ForwardedSignals();
  const child = await started(options, { env, isPiped: redactOutput, signals });
  const ended = new Promise<void>((resolve) => {
    child.once(redactOutput ? 'close' : 'exit', () => {
      resolve();
    });
  });
  const output = redactOutput ? scrubbed(child, createScrubber(Object.values(secrets))) : undefined;
  await untilEnded(child, ended, { signal, clock });
  await output;
  signal?.throwIfAborted();
  return outcomeOf(child);
}

/** Neither `spawn`'s own error nor its message is passed on: they hold the arguments. */
async function started(
  { command, args = [], folder }: RunWithSecretsOptions,
  { env, isPiped, signals }: { readonly env: Variables; readonly isPiped: boolean; readonly signals: ForwardedSignals },
): Promise<ChildProcess> {
  try {
    // None of Node's modules is imported: each would cost every process that loads this package, and most start no command.
    const { spawn } = process.getBuiltinModule('node:child_process');
    const events = process.getBuiltinModule('node:events');
    const output = isPiped ? 'pipe' : 'inherit';
    const child = spawn(command, args, { cwd: folder, env, stdio: ['inherit', output, output] });
    signals.to(child);
    await events.once(child, 'spawn');
    // What fails later, such as a signal that may not be sent, is no reason to lose sight of it.
    child.on('error', () => undefined);
    return child;
  } catch (error) {
    throw commandNotStarted(command, problemOf(error));
  }
}

function problemOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN';
  if (code === 'ENOENT') return 'there is no such program';
  if (code === 'EACCES') return 'it may not be run';
  if (code === 'E2BIG') return 'its arguments and variables are longer than the system takes';
  return code;
}

async function untilEnded(
  child: ChildProcess,
  ended: Promise<unknown>,
  { signal, clock }: { readonly signal: AbortSignal | undefined; readonly clock: Clock },
): Promise<void> {
  const over = new AbortController();
  const stop = () => {
    child.kill('SIGTERM');
    clock.sleep(killAfterMs, over.signal).then(
      () => child.kill('SIGKILL'),
      () => undefined,
    );
  };
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted === true) stop();
  try {
    await ended;
  } finally {
    signal?.removeEventListener('abort', stop);
    over.abort();
  }
}

async function scrubbed({ stdout, stderr }: ChildProcess, scrubber: Scrubber): Promise<void> {
  const { pipeline } = process.getBuiltinModule('node:stream/promises');
  const pass = async (from: Readable | null, to: Writable) => {
    if (from === null) return;
    await pipeline(from, scrubber.scrubStream(), to, { end: false }).catch((error: unknown) => {
      // A reader that went away, such as `head`: the command is told so by its next write.
      if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) throw error;
    });
  };
  await Promise.all([pass(stdout, process.stdout), pass(stderr, process.stderr)]);
}

function outcomeOf({ exitCode, signalCode }: ChildProcess): EndedCommand {
  if (signalCode === null) return { exitCode: exitCode ?? 0, signal: null };
  const { constants } = process.getBuiltinModule('node:os');
  return { exitCode: 128 + constants.signals[signalCode], signal: signalCode };
}
