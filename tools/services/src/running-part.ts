import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { writeFileDurably } from '@maestro/core';
import { z } from 'zod';

import { liveRuns } from './runs.ts';
import type { StateFolder } from './state-folder.ts';

/** A server that was started here, as it is written down beside its data. */
export type RunningPart = z.infer<typeof runningPart>;

const runningPart = z.object({
  address: z.string(),
  version: z.string().nullable(),
  programs: z.record(z.string(), z.string()),
  processes: z.array(z.object({ pid: z.number(), identity: z.string() })).readonly(),
});

/** What people start with `services up` is used by nobody in particular and stays until `services down`. */
export const standingUser = 'standing';

export function partFolder(state: StateFolder, name: string): string {
  return join(state.parts, name);
}

/** Undefined where none was started, or the one who started it did not get as far as writing it down. */
export async function readRunningPart(state: StateFolder, name: string): Promise<RunningPart | undefined> {
  try {
    return runningPart.parse(JSON.parse(await readFile(recordFile(state, name), 'utf8')));
  } catch {
    return undefined;
  }
}

export async function writeRunningPart(state: StateFolder, name: string, part: RunningPart): Promise<void> {
  await writeFileDurably(recordFile(state, name), JSON.stringify(part));
}

export async function addUser(state: StateFolder, name: string, user: string): Promise<void> {
  await mkdir(usersFolder(state, name), { recursive: true });
  await writeFile(join(usersFolder(state, name), user), '');
}

export async function removeUser(state: StateFolder, name: string, user: string): Promise<void> {
  await rm(join(usersFolder(state, name), user), { force: true });
}

/** Whether somebody uses it still: a run that lives, or who asked for it to stand. The others are forgotten. */
export async function isUsed(state: StateFolder, name: string): Promise<boolean> {
  const users = await readdir(usersFolder(state, name)).catch(() => []);
  const live = await liveRuns(state);
  if (users.some((user) => user === standingUser || live.has(user))) return true;
  await rm(usersFolder(state, name), { recursive: true, force: true });
  return false;
}

function recordFile(state: StateFolder, name: string): string {
  return join(partFolder(state, name), 'running.json');
}

function usersFolder(state: StateFolder, name: string): string {
  // Not in the part's folder: a server that died and is started again keeps its users.
  return join(state.users, name);
}
