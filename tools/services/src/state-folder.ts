import { chmod, lstat, mkdir } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';

import { MaestroError } from '@maestro/core';

/**
 * Where parts that run and runs of tests are written down, for all checkouts of a user on a machine.
 * Short, because sockets live in it, and their paths have at most 107 characters (unix(7)); not in TMPDIR, which each
 * run of tests sets to a folder of its own.
 */
export interface StateFolder {
  readonly path: string;
  /** Folders of running parts, by name. */
  readonly parts: string;
  readonly runs: string;
  /** Folders with a file for each user of a part, by its name. */
  readonly users: string;
  readonly lock: (name: string) => string;
}

export function stateFolder(path = process.env.MAESTRO_PARTS_FOLDER ?? `/tmp/maestro-${userInfo().uid}`): StateFolder {
  return {
    path,
    parts: join(path, 'parts'),
    runs: join(path, 'runs'),
    users: join(path, 'users'),
    lock: (name) => join(path, 'locks', `${name}.lock`),
  };
}

/** Makes it, passable for the users that database servers run as, and refuses one that somebody else has put there. */
export async function makeStateFolder({ path, parts, runs, users }: StateFolder): Promise<void> {
  for (const folder of [path, parts, runs, users]) {
    await mkdir(folder, { recursive: true });
    const { uid } = await lstat(folder);
    if (uid !== userInfo().uid) {
      throw new MaestroError('PART_START_FAILED', `${folder} belongs to another user (${uid})`, {
        hint: 'set MAESTRO_PARTS_FOLDER to a short path of your own',
      });
    }
    await chmod(folder, 0o711);
  }
}
