import { access, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import type { ResolvedService } from '@maestro/registry';

import type { Assembled, Parts } from './parts.ts';

/** The names of the migrations an image brings that its database has not had; changes neither store nor database. */
export async function pendingMigrations(
  parts: Parts,
  service: ResolvedService,
  { files }: Assembled,
): Promise<readonly string[]> {
  const { database } = service;
  if (database === null) return [];
  const inside = files.filter(({ path, mode }) => mode !== 'symlink' && path.startsWith(`${database.migrations}/`));
  if (inside.length === 0) return [];
  const databaseFile = join(parts.environment.stateFolder, 'data', database.file);

  const temporary = await mkdtemp(join(tmpdir(), 'maestro-plan-'));
  try {
    for (const { path, contents } of inside) {
      await mkdir(dirname(join(temporary, path)), { recursive: true });
      await writeFile(join(temporary, path), contents);
    }
    await using migrations = await parts.migrations({
      service: service.name,
      folder: join(temporary, database.migrations),
      // Looking at a database that does not exist yet must not create it.
      databaseFile: (await exists(databaseFile)) ? databaseFile : join(temporary, 'empty.db'),
    });
    return (await migrations.status()).pending;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
