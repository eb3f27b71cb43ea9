import { createHash } from 'node:crypto';

import type { ReleaseRecord } from '../ports/release-history.ts';
import { byBytes, type ImageSource, type SourceFile } from '../source/image-source.ts';

/** A clean source with these text files, of a commit that follows from them and the time alone. */
export function sampleSource(
  files: Readonly<Record<string, string>>,
  { committedAt = '2026-01-01T00:00:00.000Z', dirty = false }: { committedAt?: string; dirty?: boolean } = {},
): ImageSource {
  const sorted = Object.entries(files).sort(([a], [b]) => byBytes(a, b));
  const revision = createHash('sha1')
    .update(JSON.stringify([sorted, committedAt]))
    .digest('hex');
  return {
    revision,
    shortRevision: revision.slice(0, 7),
    dirty,
    committedAt,
    files: sorted.map(([path, text]): SourceFile => ({ path, mode: 0o644, contents: Buffer.from(text) })),
  };
}

/** An id that sorts by `index`. */
export function sampleReleaseId(index: number): string {
  return `01JGZ${String(index).padStart(21, '0')}`;
}

/** A deployment that went well, the first of production unless `changes` say otherwise. */
export function sampleRelease(index: number, changes: Partial<ReleaseRecord> = {}): ReleaseRecord {
  return {
    id: sampleReleaseId(index),
    environment: 'production',
    at: '2026-01-01T00:00:00.000Z',
    by: 'ada@build-1',
    kind: 'deploy',
    outcome: 'deployed',
    durationMs: 1234,
    previousHealthy: null,
    restores: null,
    reason: null,
    services: [
      {
        name: 'api',
        image: 'shop-api:production-abc1234',
        digest: `sha256:${'0'.repeat(64)}`,
        configHash: 'f00d',
        secretVersions: { DATABASE_URL: 'v1' },
        revision: 'abc1234',
      },
    ],
    ...changes,
  };
}
