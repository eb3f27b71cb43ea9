import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { processIdentity } from '@maestro/core';
import { z } from 'zod';

import { holdWhile } from './hold.ts';
import { endProcessesOfFolder } from './processes-of-folder.ts';
import { removeFolder } from './remove-folder.ts';
import { isAlive } from './server-process.ts';
import { makeStateFolder, type StateFolder } from './state-folder.ts';
import { newRunId } from './suite-name.ts';

/** One run of tests or benchmarks, which uses parts until it ends. */
export interface Run {
  readonly id: string;
  /** Everything its tests leave in the folder for temporary files. */
  readonly folder: string;
}

const ownerFile = 'owner.json';
const owner = z.object({ pid: z.number(), identity: z.string() });

/** Opens a run that lasts as long as this process, after removing what killed ones left. */
export async function openRun(state: StateFolder): Promise<Run> {
  await makeStateFolder(state);
  // Held also against the moment in which a new run's folder has no owner yet and looks like a dead one's.
  return await holdWhile(state.lock('runs'), { what: 'runs of tests', deadlineMs: 60_000 }, async () => {
    await removeDeadRuns(state);
    const id = newRunId();
    const folder = join(state.runs, id);
    await mkdir(folder, { recursive: true });
    const identity = (await processIdentity(process.pid)) ?? '';
    await writeFile(join(folder, ownerFile), JSON.stringify({ pid: process.pid, identity }));
    return { id, folder };
  });
}

/** The run whose folder it is. */
export function runOf(folder: string): Run {
  return { id: basename(folder), folder };
}

export async function closeRun({ folder }: Run): Promise<void> {
  await removeFolder(folder);
}

/** The runs whose process still lives. */
export async function liveRuns(state: StateFolder): Promise<ReadonlySet<string>> {
  const ids = await readdir(state.runs).catch(() => []);
  const alive = await Promise.all(ids.map((id) => isRunAlive(join(state.runs, id))));
  return new Set(ids.filter((_, index) => alive[index]));
}

async function removeDeadRuns(state: StateFolder): Promise<void> {
  const live = await liveRuns(state);
  for (const id of await readdir(state.runs).catch(() => [])) {
    if (live.has(id)) continue;
    await endProcessesOfFolder(join(state.runs, id), { patienceMs: 3_000 });
    await removeFolder(join(state.runs, id));
  }
}

async function isRunAlive(folder: string): Promise<boolean> {
  try {
    return await isAlive(owner.parse(JSON.parse(await readFile(join(folder, ownerFile), 'utf8'))));
  } catch {
    return false;
  }
}
