import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { poll, processIdentity, systemClock } from '@maestro/core';

import { runVariable } from './run-variable.ts';

/** A process, told apart from a later one with the same number by when it started. */
export interface ProcessId {
  readonly pid: number;
  readonly identity: string;
}

export interface SpawnOptions {
  readonly program: string;
  readonly args: readonly string[];
  /** Working folder; the output goes to the file `log` in it. */
  readonly folder: string;
  /** The user it runs as, where that must not be root. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  readonly environment?: Readonly<Record<string, string>>;
}

export interface RunBeforeOptions extends Omit<SpawnOptions, 'environment'> {
  readonly signal: AbortSignal;
}

/** Starts a server that outlives this process, in a process group of its own. */
export async function spawnServer(options: SpawnOptions): Promise<ProcessId> {
  const { program, args, folder, user, environment } = options;
  const log = openSync(join(folder, 'log'), 'a');
  const child = spawn(program, args, {
    cwd: folder,
    detached: true,
    stdio: ['ignore', log, log],
    env: { ...ownEnvironment(folder), ...environment },
    ...(user ?? {}),
  });
  closeSync(log);
  await once(child, 'spawn');
  child.unref();
  const pid = child.pid ?? Number.NaN;
  // One that is gone already is noticed by whoever waits for its answer.
  return { pid, identity: (await processIdentity(pid)) ?? 'gone' };
}

/** Runs a program that a server needs before its start, such as the one that lays its data folder. */
export async function runBefore({ program, args, folder, user, signal }: RunBeforeOptions): Promise<void> {
  await promisify(execFile)(program, args, { cwd: folder, env: ownEnvironment(folder), signal, ...(user ?? {}) });
}

/** It may serve other runs after the one that starts it, so it carries neither that one's label nor its folder. */
function ownEnvironment(folder: string): NodeJS.ProcessEnv {
  return { ...process.env, TMPDIR: folder, [runVariable]: undefined };
}

export async function isAlive({ pid, identity }: ProcessId): Promise<boolean> {
  return (await processIdentity(pid)) === identity;
}

/** Asks the process to end, and its whole group when it has not after `deadlineMs`; resolves when it is gone. */
export async function endServer(server: ProcessId, { deadlineMs }: { readonly deadlineMs: number }): Promise<void> {
  if (!(await isAlive(server))) return;
  signal(server.pid, 'SIGTERM');
  if (await hasEnded(server, deadlineMs)) return;
  signal(-server.pid, 'SIGKILL');
  await hasEnded(server, 10_000);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // It ended in the meantime.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function hasEnded(server: ProcessId, deadlineMs: number): Promise<boolean> {
  const { accepted } = await poll({
    probe: () => isAlive(server),
    accept: (alive) => !alive,
    intervalMs: 20,
    deadlineMs,
    clock: systemClock,
  });
  return accepted;
}

/** A port of 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** The end of what a server wrote, for the error that says why it did not start. */
export async function lastLines(folder: string): Promise<string> {
  const log = await readFile(join(folder, 'log'), 'utf8').catch(() => '');
  return log.trim().split('\n').slice(-5).join('\n');
}
