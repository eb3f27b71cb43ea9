import { randomBytes } from 'node:crypto';

import { type AssembledImage, assembleImage } from '@maestro/image-store';

import { environment } from './release-of.ts';

/** An image of one layer that no other run has, of a commit that never was. */
export function randomImage(repository: string, bytes: number): Promise<AssembledImage> {
  const revision = randomBytes(20).toString('hex');
  const files = [{ path: 'data', mode: 0o644, contents: randomBytes(bytes) }] as const;
  const source = { revision, shortRevision: revision.slice(0, 7), dirty: false, files };
  return assembleImage({ repository, environment, source: { ...source, committedAt: '2026-01-01T00:00:00.000Z' } });
}
