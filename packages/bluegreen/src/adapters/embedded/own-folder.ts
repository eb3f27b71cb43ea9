import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';

import { BlueGreenError } from '../../errors.ts';

/**
 * Makes sure that a socket in this folder can only be this user's own: secrets go through it, and in the folder for
 * temporary files anybody may have made it first. A folder that is not there is fine: nobody listens in it.
 */
export async function checkOwnFolder(folder: string): Promise<void> {
  const user = process.getuid?.();
  const found = await statWhereFound(folder);
  if (user === undefined || found === undefined) return;
  if (found.uid === user && (found.mode & 0o002) === 0) return;
  throw new BlueGreenError('BLUEGREEN_DAEMON_FAILED', `${folder} can be written to by other users`, {
    hint: `make it yours alone: rm -r ${folder}, or chown and chmod 700 it`,
    details: { folder },
  });
}

async function statWhereFound(folder: string): Promise<Stats | undefined> {
  try {
    return await stat(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
