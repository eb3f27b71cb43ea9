import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { releaseDatabase } from '../migrations/release-database.ts';
import { filesBelow, writeFiles } from './source-files.ts';
import type { Parts } from './parts.ts';
import type { ProposedImage } from './release-images.ts';

/** Names of migrations that an image brings and its database has not had. */
export interface ImageMigrations {
  /** Those that a deployment applies. */
  readonly pending: readonly string[];
  /** Those that wait until the version before is gone for good. */
  readonly waiting: readonly string[];
  /** All that the image has. */
  readonly known: readonly string[];
}

const none: ImageMigrations = { pending: [], waiting: [], known: [] };

/** Which migrations of an image its database has not had; changes neither store nor database. */
export async function pendingMigrations(
  parts: Parts,
  { service, files }: Pick<ProposedImage, 'files' | 'service'>,
  signal: AbortSignal,
): Promise<ImageMigrations> {
  const { name, database: registered } = service;
  if (registered === null) return none;
  const database = releaseDatabase({ name, database: registered }, parts.environment);
  const inside = filesBelow(database.migrations, files);
  if (inside.length === 0) return none;

  const temporary = await mkdtemp(join(tmpdir(), 'maestro-plan-'));
  try {
    await writeFiles(temporary, inside);
    await using migrations = await parts.migrations({
      service: name,
      folder: join(temporary, database.migrations),
      database,
      signal,
    });
    const { applied, pending, waiting, missing } = await migrations.status({ signal });
    const had = applied.map(({ name: one }) => one).filter((one) => !missing.includes(one));
    return {
      pending: pending.filter((one) => !waiting.includes(one)),
      waiting,
      known: [...had, ...pending].sort(),
    };
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
