import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The file that the command of a gate writes its summary of coverage to. */
export interface CoverageFacts {
  /** Whose it is, such as `the gate unit of api`. */
  readonly by: string;
  readonly file: string;
  readonly isFolder: boolean;
  /** The last part of its path that is there. */
  readonly place: string;
  /** Whether folders and files can be made in that place. */
  readonly isWritable: boolean;
}

export async function lookAtCoverage({ by, file }: Pick<CoverageFacts, 'by' | 'file'>): Promise<CoverageFacts> {
  const own = await stat(file).catch(() => null);
  let place = dirname(file);
  let found = await stat(place).catch(() => null);
  while (found === null && dirname(place) !== place) {
    place = dirname(place);
    found = await stat(place).catch(() => null);
  }
  const writable = await access(place, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
  return {
    by,
    file,
    isFolder: own?.isDirectory() ?? false,
    place,
    isWritable: writable && found?.isDirectory() === true,
  };
}
