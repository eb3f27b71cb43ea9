import { execFile } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { MaestroError, messageOf, poll, systemClock } from '@maestro/core';

import type { PartErrorCode } from '../errors.ts';
import { endProcessesOfFolder } from '../processes-of-folder.ts';
import { removeFolder } from '../remove-folder.ts';
import { endServer, freePort, isAlive, lastLines, type ProcessId, spawnServer } from '../server-process.ts';
import { listenersOf } from './port-listeners.ts';

/** The text of a configuration that listens on a port of 127.0.0.1; relative paths in it are in the server's folder. */
export type Configuration = (port: number) => string;

interface Command {
  readonly program: string;
  readonly args: readonly string[];
}

/** A program that serves what its configuration file says. */
export interface ConfiguredProgram {
  readonly name: string;
  readonly fileName: string;
  /** Says what is wrong with the configuration in a file, without serving it. */
  readonly check: (file: string) => Command;
  /** Runs in the foreground. */
  readonly run: (place: { readonly file: string; readonly folder: string; readonly port: number }) => Command;
  /** Whose it is to listen: its own, or that of processes under it. */
  readonly servedBy: 'itself' | 'workers';
  /** For one that listens before it serves. */
  readonly isReady?: (port: number, signal: AbortSignal) => Promise<boolean>;
  /** Adds what keeps it from writing outside of its folder, without moving a line. */
  readonly confine?: (config: string) => string;
}

export interface ConfiguredServer {
  readonly port: number;
  readonly folder: string;
  readonly processId: ProcessId;
}

export interface ConfiguredOptions {
  readonly folder: string;
  readonly config: Configuration;
}

const startAttempts = 3;
const startDeadlineMs = 30_000;
const checkDeadlineMs = 30_000;
const stopDeadlineMs = 10_000;

/** Starts it on a free port once its configuration is found right; resolves before it serves. */
export async function launch(program: ConfiguredProgram, options: ConfiguredOptions): Promise<ConfiguredServer> {
  const { folder, config } = options;
  const port = await freePort();
  const file = join(folder, program.fileName);
  await writeConfiguration(program, file, config(port));
  const processId = await spawnServer({ ...program.run({ file, folder, port }), folder });
  return { port, folder, processId };
}

/** Writes it, and rejects with the program's own words where that finds it wrong. */
export async function writeConfiguration(program: ConfiguredProgram, file: string, config: string): Promise<void> {
  await writeFile(file, program.confine?.(config) ?? config);
  const check = program.check(file);
  try {
    await promisify(execFile)(check.program, check.args, { cwd: dirname(file), timeout: checkDeadlineMs });
  } catch (error) {
    throw failure(program, `its configuration is refused: ${reasonOf(error)}`, 'correct the line that it names', error);
  }
}

/** Starts it in a folder of its own within `folder`; resolves when it serves. */
export async function startConfigured(
  program: ConfiguredProgram,
  { folder, config }: ConfiguredOptions,
): Promise<ConfiguredServer & AsyncDisposable> {
  let log = '';
  for (let attempt = 1; attempt <= startAttempts; attempt += 1) {
    const server = await launch(program, { folder: await mkdtemp(join(folder, `${program.name}-`)), config });
    const end = () => endConfigured(server);
    const state = await settled(program, server);
    if (state === 'serving') return { ...server, [Symbol.asyncDispose]: end };
    log = await lastLines(server.folder);
    await end();
    // One that ended by itself may have found its port taken in the meantime, and is given another.
    if (state === 'silent') break;
  }
  throw failure(
    program,
    ['it did not come to serve', log].filter((text) => text !== '').join(': '),
    'see that its configuration listens on 127.0.0.1 and the port that it is given',
  );
}

async function endConfigured({ folder, processId }: ConfiguredServer): Promise<void> {
  await endServer(processId, { deadlineMs: stopDeadlineMs });
  await clearFolder(folder);
}

/** Ends what works in a folder, such as workers whose master was killed, and removes it. */
export async function clearFolder(folder: string): Promise<void> {
  await endProcessesOfFolder(folder, { patienceMs: stopDeadlineMs });
  await removeFolder(folder);
}

async function settled(program: ConfiguredProgram, server: ConfiguredServer): Promise<'serving' | 'ended' | 'silent'> {
  const { value } = await poll({
    probe: async (signal) => {
      if (await serves(program, server, signal)) return 'serving';
      return (await isAlive(server.processId)) ? 'silent' : 'ended';
    },
    accept: (state) => state !== 'silent',
    intervalMs: 50,
    deadlineMs: startDeadlineMs,
    clock: systemClock,
  });
  return value ?? 'silent';
}

async function serves(program: ConfiguredProgram, server: ConfiguredServer, signal: AbortSignal): Promise<boolean> {
  const { folder, port, processId } = server;
  const listeners = await listenersOf(folder, port);
  // Before its workers are there, a master does not yet handle signals.
  const listens = listeners.some((pid) => (pid === processId.pid) === (program.servedBy === 'itself'));
  return listens && ((await program.isReady?.(port, signal)) ?? true);
}

function failure({ name }: ConfiguredProgram, reason: string, hint: string, cause?: unknown): MaestroError {
  const code: PartErrorCode = 'PART_START_FAILED';
  return new MaestroError(code, `${name} did not start: ${reason}`, { hint, details: { part: name }, cause });
}

/** What a program that failed said of it; some say it on their standard output. */
function reasonOf(error: unknown): string {
  const { stdout = '', stderr = '' } = error as { readonly stdout?: string; readonly stderr?: string };
  return `${stdout}${stderr}`.trim() || messageOf(error);
}
