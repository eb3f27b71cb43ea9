import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';

import { check } from '../check.ts';
import { failed, type Judgement, ok, warning } from '../finding.ts';
import { Nothing } from '../nothing.ts';
import { bytes, quoted } from '../words.ts';

const spaceBytes = { failed: 64 * 1024 ** 2, warning: 1024 ** 3 };
const fewestFiles = 1_000;

interface FolderFacts {
  readonly folder: string;
  /** The folder, or what is there of the folders above it. */
  readonly place: string;
  readonly isFolder: boolean;
  readonly isWritable: boolean;
}

export const stateChecks = [
  check({
    name: 'state-folder',
    group: 'state',
    look: async ({ environment: { stateFolder: folder } }): Promise<FolderFacts> => {
      const place = await nearest(folder);
      const isWritable = await access(place, constants.W_OK | constants.X_OK).then(
        () => true,
        () => false,
      );
      return { folder, place, isFolder: (await stat(place)).isDirectory(), isWritable };
    },
    judge: judgeFolder,
  }),
  check({
    name: 'state-permissions',
    group: 'state',
    look: async ({ environment: { stateFolder: folder } }) => {
      if ((await nearest(folder)) !== folder) return new Nothing('made by the first deployment');
      const { mode, uid } = await stat(folder);
      return { folder, mode, owner: uid, user: process.getuid?.() ?? uid };
    },
    judge: judgePermissions,
  }),
  check({
    name: 'state-disk',
    group: 'state',
    look: async ({ environment: { stateFolder } }) => {
      const place = await nearest(stateFolder);
      return { place, ...(await freeSpace(place)) };
    },
    judge: judgeDisk,
  }),
];

export function judgeFolder({ folder, place, isFolder, isWritable }: FolderFacts): Judgement {
  if (!isFolder) return failed(`${place} is a file, and no folder`, `mv ${quoted(place)} ${quoted(`${place}.old`)}`);
  if (!isWritable) return failed(`${place} cannot be written to`, `sudo chown -R "$(id -u)" ${quoted(place)}`);
  return ok(place === folder ? folder : `${folder}, made by the first deployment`);
}

/** Secrets pass by here: whoever may write to the folder may have a deployment run what he likes. */
export function judgePermissions(facts: {
  readonly folder: string;
  readonly mode: number;
  readonly owner: number;
  readonly user: number;
}): Judgement {
  const { folder, mode, owner, user } = facts;
  if (owner !== user && user !== 0)
    return warning(`${folder} belongs to the user ${owner}`, `sudo chown -R "$(id -u)" ${quoted(folder)}`);
  if ((mode & 0o022) !== 0)
    return failed(`others than its owner may write to ${folder}`, `chmod go-w ${quoted(folder)}`);
  return ok('only its owner may write to it');
}

export function judgeDisk(facts: SpaceFacts & { readonly place: string }): Judgement {
  const { place, freeBytes, freeFiles } = facts;
  const message = `${bytes(freeBytes)} are free`;
  const fix = `df -h ${quoted(place)} && maestro images prune`;
  if (freeBytes < spaceBytes.failed) return failed(`${message}: too few for a release`, fix);
  if (freeFiles !== null && freeFiles < fewestFiles)
    return failed(`only ${freeFiles} more files can be made`, `df -i ${quoted(place)}`);
  return freeBytes < spaceBytes.warning ? warning(message, fix) : ok(message);
}

export interface SpaceFacts {
  readonly freeBytes: number;
  /** Null where the file system does not count them. */
  readonly freeFiles: number | null;
}

export async function freeSpace(place: string): Promise<SpaceFacts> {
  const { bavail, bsize, files, ffree } = await statfs(place);
  return { freeBytes: bavail * bsize, freeFiles: files === 0 ? null : ffree };
}

async function nearest(folder: string): Promise<string> {
  const there = await stat(folder).catch(() => undefined);
  return there !== undefined || dirname(folder) === folder ? folder : nearest(dirname(folder));
}
