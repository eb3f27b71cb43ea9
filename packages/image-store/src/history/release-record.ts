import { z } from 'zod';

import { ImageStoreError } from '../errors.ts';
import type { ReleaseRecord } from '../ports/release-history.ts';

const ulidGrammar = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
const ulid = z.string().regex(ulidGrammar, 'expected a ULID');

const releaseSchema: z.ZodType<ReleaseRecord> = z.object({
  id: ulid,
  environment: z.string(),
  at: z.iso.datetime(),
  by: z.string(),
  kind: z.enum(['deploy', 'push', 'rollback']),
  outcome: z.enum(['deployed', 'rolled-back', 'refused', 'restored', 'aborted', 'pushed']),
  durationMs: z.number().nonnegative(),
  previousHealthy: ulid.nullable(),
  restores: ulid.nullable(),
  reason: z.string().nullable(),
  planHash: z.string().optional(),
  switchMs: z.number().nonnegative().nullish(),
  unjudged: z
    .array(
      z.object({ step: z.enum(['canary', 'bake']), percent: z.number().nullable(), services: z.array(z.string()) }),
    )
    .optional(),
  services: z.array(
    z.object({
      name: z.string(),
      image: z.string(),
      digest: z.string(),
      configHash: z.string(),
      secretVersions: z.record(z.string(), z.string()),
      revision: z.string().optional(),
    }),
  ),
});

export function isReleaseId(id: string): boolean {
  return ulidGrammar.test(id);
}

/** A release as it will be read back; throws `IMAGE_STORE_INVALID_RELEASE` for one that could not be. */
export function checkedRelease(release: ReleaseRecord): ReleaseRecord {
  const checked = releaseSchema.safeParse(release);
  if (checked.success) return checked.data;
  const problems = z.prettifyError(checked.error);
  throw new ImageStoreError(
    'IMAGE_STORE_INVALID_RELEASE',
    `the release ${release.id} cannot be recorded: ${problems}`,
    { hint: 'whoever called record() made it: compare it with ReleaseRecord', cause: checked.error },
  );
}

/** Reads a stored release; throws what says why it is none. */
export function parseRelease(text: string): ReleaseRecord {
  return releaseSchema.parse(JSON.parse(text));
}

export function releaseConflict({ id, environment }: ReleaseRecord): ImageStoreError {
  return new ImageStoreError(
    'IMAGE_STORE_RELEASE_CONFLICT',
    `the history of ${environment} already has another record of the release ${id}`,
    { hint: 'records are never changed: record a new release under an id of its own', details: { release: id } },
  );
}
