import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import type { ResolvedService } from '@maestro/registry';

import { releaseDatabase } from '../migrations/release-database.ts';
import type { Assembled, Parts } from './parts.ts';

/** Names of migrations that an image brings and its database has not had. */
export interface ImageMigrations {
  /** Those that a deployment applies. */
  readonly pending: readonly string[];
  /** Those that wait until the version before is gone for good. */
  readonly waiting: readonly string[];
}

const none: ImageMigrations = { pending: [], waiting: [] };

/** Which migrations of an image its database has not had; changes neither store nor database. */
export async function pendingMigrations(
  parts: Parts,
  service: ResolvedService,
  { assembled: { files }, signal }: { readonly assembled: Assembled; readonly signal: AbortSignal },
): Promise<ImageMigrations> {
  if (service.database === null) return none;
  const database = releaseDatabase(service.database, parts.environment);
  const inside = files.filter(({ path, mode }) => mode !== 'symlink' && path.startsWith(`${database.migrations}/`));
  if (inside.length === 0) return none;

  const temporary = await mkdtemp(join(tmpdir(), 'maestro-plan-'));
  try {
    for (const { path, contents } of inside) {
      await mkdir(dirname(join(temporary, path)), { recursive: true });
      await writeFile(join(temporary, path), contents);
    }
    await using migrations = await parts.migrations({
      service: service.name,
      folder: join(temporary, database.migrations),
      database,
      signal,
    });
    const { pending, waiting } = await migrations.status({ signal });
    return { pending: pending.filter((name) => !waiting.includes(name)), waiting };
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
