import { existsSync } from 'node:fs';
import { chmod, mkdir } from 'node:fs/promises';

import { messageOf, poll, systemClock } from '@maestro/core';

import { partMissing, startFailed } from './errors.ts';
import { holdWhile } from './hold.ts';
import { findPrograms } from './machine.ts';
import { ensurePrograms } from './programs.ts';
import type { Part, PartWithServer, ProgramPaths, StartedServer } from './part.ts';
import { endProcessesOfFolder } from './processes-of-folder.ts';
import { removeFolder } from './remove-folder.ts';
import {
  addUser,
  isUsed,
  partFolder,
  readRunningPart,
  removeUser,
  type RunningPart,
  writeRunningPart,
} from './running-part.ts';
import { endServer, isAlive, lastLines } from './server-process.ts';
import { makeStateFolder, type StateFolder } from './state-folder.ts';

const startDeadlineMs = 60_000;
const stopDeadlineMs = 30_000;
/** Installing, starting and stopping together, whoever does it. */
const holdDeadlineMs = 15 * 60_000;
const startAttempts = 3;

export interface UseOptions {
  readonly part: PartWithServer;
  readonly state: StateFolder;
  /** A run's id, or `standingUser`. */
  readonly user: string;
  readonly say: (line: string) => void;
}

/** The server that runs for this user too from now on: the one that others use, else a new one. */
export async function useServer({ part, state, user, say }: UseOptions): Promise<RunningPart> {
  return await whileHeld(part, state, async () => {
    const running = (await runningAndAnswering(part, state)) ?? (await startAnew(part, state, say));
    await addUser(state, part.name, user);
    return running;
  });
}

/** Ends the use; the last one stops the server and removes what was its. */
export async function leaveServer({ part, state, user }: Omit<UseOptions, 'say'>): Promise<void> {
  await whileHeld(part, state, async () => {
    await removeUser(state, part.name, user);
    if (!(await isUsed(state, part.name))) await stop(part, state);
  });
}

/** Stops the server when all who used it are gone. */
export async function stopUnused(part: PartWithServer, state: StateFolder): Promise<void> {
  await whileHeld(part, state, async () => {
    if (!(await isUsed(state, part.name))) await stop(part, state);
  });
}

function whileHeld<T>(part: Part, state: StateFolder, work: () => Promise<T>): Promise<T> {
  return holdWhile(state.lock(part.name), { what: part.title, deadlineMs: holdDeadlineMs }, work);
}

/** The server that was started here, asked on the spot whether it works. */
export async function runningAndAnswering(part: PartWithServer, state: StateFolder): Promise<RunningPart | undefined> {
  const running = await readRunningPart(state, part.name);
  if (running === undefined) return undefined;
  const answers = await part.server.ask(running.address, AbortSignal.timeout(5_000)).then(
    () => true,
    () => false,
  );
  // Looked at after the answer: for a moment workers also answer for a server that was killed.
  const alive = await Promise.all(running.processes.map(isAlive));
  return answers && alive.every(Boolean) ? running : undefined;
}

async function startAnew(part: PartWithServer, state: StateFolder, say: (line: string) => void): Promise<RunningPart> {
  const programs = await ensurePrograms(part, { state, say });
  if (programs === undefined) throw partMissing(part);
  let failure: unknown;
  for (let attempt = 1; attempt <= startAttempts; attempt += 1) {
    // What an earlier one left, of this attempt or of a killed process, is not built upon.
    await stop(part, state);
    say(`starting ${part.title} …`);
    try {
      return await startOnce(part, state, programs);
    } catch (error) {
      failure = error;
    }
  }
  const log = await lastLines(partFolder(state, part.name));
  await stop(part, state);
  throw startFailed(part.name, `${messageOf(failure)}\n${log}`.trim(), failure);
}

async function startOnce(part: PartWithServer, state: StateFolder, programs: ProgramPaths): Promise<RunningPart> {
  const folder = partFolder(state, part.name);
  await makeStateFolder(state);
  await mkdir(folder);
  await chmod(folder, 0o711);
  const started = await part.server.start({ programs, folder, signal: AbortSignal.timeout(startDeadlineMs) });
  // Written down before it answers: whoever comes after a crash in between must find its processes.
  const running = { ...started, programs, version: null };
  await writeRunningPart(state, part.name, running);
  const version = (await answer(part, started)) ?? (await part.version(programs));
  const answering = { ...running, version };
  await writeRunningPart(state, part.name, answering);
  return answering;
}

/** Waits until it truly answers, or one of its processes has died. */
async function answer({ server }: PartWithServer, { address, processes }: StartedServer): Promise<string | null> {
  let refusal: unknown = 'no answer';
  const { value } = await poll({
    probe: async (signal) => {
      const version = await server.ask(address, signal).catch((error: unknown) => {
        refusal = error;
        return undefined;
      });
      const alive = await Promise.all(processes.map(isAlive));
      return { version, alive: alive.every(Boolean) };
    },
    accept: ({ version, alive }) => version !== undefined || !alive,
    intervalMs: 50,
    deadlineMs: startDeadlineMs,
    clock: systemClock,
  });
  if (value?.version !== undefined && value.alive) return value.version;
  throw new Error(value?.alive === false ? 'it ended by itself' : messageOf(refusal));
}

async function stop({ server, ...part }: PartWithServer, state: StateFolder): Promise<void> {
  const folder = partFolder(state, part.name);
  if (!existsSync(folder)) return;
  // Not written down when the one who started it was killed a moment later.
  const running = await readRunningPart(state, part.name);
  const programs = running?.programs ?? findPrograms(part.programs) ?? {};
  await server.clear?.({ programs, folder, signal: AbortSignal.timeout(startDeadlineMs) });
  for (const process of running?.processes ?? []) await endServer(process, { deadlineMs: stopDeadlineMs });
  // What outlived it, and processes that were not written down.
  await endProcessesOfFolder(folder, { patienceMs: 3_000 });
  await removeFolder(folder);
}
