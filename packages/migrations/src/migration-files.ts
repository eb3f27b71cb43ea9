import { loadFolder, type Migration } from './files/load-folder.ts';
import { findHooksFile, type HooksFile } from './hooks/hooks-file.ts';
import type { SqlDialect } from './sql/dialect.ts';

/** What a folder of migrations holds. */
export interface MigrationFiles {
  /** By number. */
  readonly migrations: readonly Migration[];
  readonly hooksFile: HooksFile | undefined;
}

export type ReadMigrationFiles = (folder: string, dialect: SqlDialect) => Promise<MigrationFiles>;

/** Throws `MIGRATIONS_BAD_FILES` with everything that is wrong with them. */
export async function readMigrationFiles(folder: string, dialect: SqlDialect): Promise<MigrationFiles> {
  const migrations = await loadFolder(folder, dialect);
  return { migrations, hooksFile: await findHooksFile(folder) };
}

/** Reads each folder once: whoever asks later gets what the first one got, also where the files have changed since. */
export function readEachFolderOnce(): ReadMigrationFiles {
  const read = new Map<string, Promise<MigrationFiles>>();
  return (folder, dialect) => {
    const key = JSON.stringify([folder, dialect]);
    const files = read.get(key) ?? readMigrationFiles(folder, dialect);
    read.set(key, files);
    return files;
  };
}
