import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { isMaestroError } from '@maestro/core';

import type { ReleaseRecord } from '../../src/index.ts';
import { MemoryImageContent, sampleRelease } from '../../src/testing.ts';
import { tagSampleImage, tagSampleIndex } from '../../src/testing/sample-content.ts';

export const newFolder = async (name = 'release') => join(await mkdtemp(join(tmpdir(), 'maestro-release-')), name);
export const at = (digest: string) => join('blobs', digest.replace(':', '/'));

export interface Scene {
  readonly from: MemoryImageContent;
  readonly release: ReleaseRecord;
  readonly api: string;
  readonly web: string;
}

/** A release of two services that share a layer; the image of one is for several platforms. */
export async function openScene(): Promise<Scene> {
  const from = new MemoryImageContent();
  const { index } = await tagSampleIndex(from, { texts: ['base'], tags: [] });
  const web = await tagSampleImage(from, { texts: ['base', 'web'], tags: [], repository: 'shop-web' });
  const common = { configHash: 'f00d', secretVersions: { DATABASE_URL: 'v1' } };
  const services = [
    { ...common, name: 'api', image: 'shop-api:production-abc1234', digest: index.digest },
    { ...common, name: 'web', image: 'shop-web:production-def5678', digest: web.digest },
  ];
  return { from, release: sampleRelease(7, { services }), api: index.digest, web: web.digest };
}

/** Every file below a folder with its contents, but for the lock. */
export async function filesIn(folder: string): Promise<Readonly<Record<string, string>>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name !== '.lock');
  const read = files.map(async (file) => {
    const path = join(file.parentPath, file.name);
    return [path.slice(folder.length + 1), (await readFile(path)).toString('base64')] as const;
  });
  return Object.fromEntries((await Promise.all(read)).sort(([a], [b]) => (a < b ? -1 : 1)));
}

export async function tagsIn(content: MemoryImageContent): Promise<readonly (string | undefined)[]> {
  const api = await content.manifest({ repository: 'shop-api', reference: 'production-abc1234' });
  const web = await content.manifest({ repository: 'shop-web', reference: 'production-def5678' });
  return [api?.digest, web?.digest];
}

export const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'none',
    (error: unknown) => (isMaestroError(error) ? error.code : error),
  );
