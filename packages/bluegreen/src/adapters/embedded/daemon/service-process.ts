import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

import { type Clock, messageOf, processIdentity } from '@maestro/core';

import { startFailed } from '../../../errors.ts';
import { baseVariables } from '../base-variables.ts';

export interface LaunchOptions {
  /** For messages: `api.green`. */
  readonly name: string;
  readonly command: readonly string[];
  readonly folder: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly logFile: string;
}

/** A process of a service, started by this daemon or found running after its predecessor died. */
export interface ServiceProcess {
  readonly pid: number;
  readonly identity: string;
  /** Resolves when it has ended, with how, such as `exit code 1`. */
  readonly ended: Promise<string>;
}

/**
 * Starts a service in a process group of its own that writes straight to its log file:
 * it depends on nothing of the daemon's and goes on when the daemon dies.
 */
export async function launch(options: LaunchOptions): Promise<ServiceProcess> {
  return (await launched(options, 'ignore')).process;
}

/** A process that waits for a line of input before it does anything. */
export interface HeldProcess {
  readonly process: ServiceProcess;
  readonly letGo: () => void;
  /** Ends its input, as the end of this process does. */
  readonly giveUp: () => void;
}

/** The same for a program that reads a line first, and ends where there is none. */
export async function launchHeld(options: LaunchOptions): Promise<HeldProcess> {
  const { process, input } = await launched(options, 'pipe');
  // Of one that has ended meanwhile.
  input?.on('error', () => undefined);
  return { process, letGo: () => input?.end('\n'), giveUp: () => input?.end() };
}

async function launched({ name, command, folder, variables, logFile }: LaunchOptions, input: 'ignore' | 'pipe') {
  const [program = '', ...args] = command;
  await mkdir(dirname(logFile), { recursive: true, mode: 0o700 });
  await rename(logFile, `${logFile}.1`).catch(ignoreMissing);
  const log = await open(logFile, 'a', 0o600);
  try {
    const child = spawn(program, args, {
      cwd: folder,
      env: { ...baseVariables(), ...variables },
      detached: true,
      stdio: [input, log.fd, log.fd],
    });
    const exited = exitOf(child);
    await once(child, 'spawn');
    const pid = child.pid ?? 0;
    // A process that is gone already has no identity any more, and needs none.
    const identity = (await processIdentity(pid)) ?? 'ended';
    return { process: { pid, identity, ended: withItsGroup(pid, exited) }, input: child.stdin };
  } catch (error) {
    throw startFailed(name, messageOf(error), `check the command of the service: ${program}`, error);
  } finally {
    await log.close();
  }
}

/** Takes over a process that an earlier daemon started; undefined when it is no longer that process. */
export async function adopt(
  recorded: { readonly pid: number; readonly identity: string },
  clock: Clock,
): Promise<ServiceProcess | undefined> {
  if ((await processIdentity(recorded.pid)) !== recorded.identity) return undefined;
  return { ...recorded, ended: withItsGroup(recorded.pid, watch(recorded, clock)) };
}

/** Asks the whole process group to end and forces it after `timeoutMs`. */
export async function terminate(process: ServiceProcess, timeoutMs: number, clock: Clock): Promise<void> {
  signalGroup(process.pid, 'SIGTERM');
  const patience = new AbortController();
  const lost = clock.sleep(timeoutMs, patience.signal).then(
    () => true,
    () => false,
  );
  const forced = await Promise.race([process.ended.then(() => false), lost]);
  patience.abort();
  if (forced) signalGroup(process.pid, 'SIGKILL');
  await process.ended;
}

/** What the service started itself and left behind goes with it, or it would hold the port of the next one. */
async function withItsGroup(pid: number, ended: Promise<string>): Promise<string> {
  const exit = await ended;
  signalGroup(pid, 'SIGKILL');
  return exit;
}

function exitOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      resolve(signal ?? `exit code ${code ?? 'unknown'}`);
    });
  });
}

/** Somebody else's child cannot be waited for, only looked at. */
async function watch({ pid, identity }: { pid: number; identity: string }, clock: Clock): Promise<string> {
  while ((await processIdentity(pid)) === identity) await clock.sleep(250);
  return 'ended while no daemon was its parent';
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
