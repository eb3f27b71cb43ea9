import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describeWith } from '@maestro/services/vitest';
import { describe, expect, it } from 'vitest';

import { openLayoutContent } from '../../src/embedded.ts';
import { describe as described, digestOf } from '../../src/image/blob.ts';
import { imageContentContract } from '../../src/testing.ts';
import { sampleLayer, tagSampleImage, tagSampleIndex } from '../../src/testing/sample-content.ts';

const repository = 'shop-api';
const newFolder = async () => join(await mkdtemp(join(tmpdir(), 'maestro-layout-')), 'layout');

describe('the contents of images in an OCI layout', () => {
  const create = async () => openLayoutContent({ folder: await newFolder() });
  for (const { name, run } of imageContentContract(create)) it(name, run);

  it('loses no tag to writers at the same time', async () => {
    const folder = await newFolder();
    const tags = Array.from({ length: 10 }, (_, index) => `try-${index}`);
    const write = (tag: string) => tagSampleImage(openLayoutContent({ folder }), { texts: ['one'], tags: [tag] });
    const [{ digest } = { digest: '' }] = await Promise.all(tags.map(write));
    const content = openLayoutContent({ folder });
    for (const reference of tags) expect((await content.manifest({ repository, reference }))?.digest).toBe(digest);
  });

  it('writes a damaged blob anew', async () => {
    const folder = await newFolder();
    const content = openLayoutContent({ folder });
    await tagSampleImage(content, { texts: ['one'], tags: ['latest'] });
    const layer = await sampleLayer('one');
    const path = join(folder, 'blobs', layer.digest.replace(':', '/'));
    await writeFile(path, Buffer.from(layer.contents).fill('!', 1000, 1001));
    await tagSampleImage(content, { texts: ['one'], tags: ['latest'] });
    expect(digestOf(await readFile(path))).toBe(layer.digest);
  });

  it('leaves nothing of a blob whose source failed', async () => {
    const folder = await newFolder();
    const layer = await sampleLayer('one');
    const open = async function* () {
      yield await Promise.resolve(layer.contents.subarray(0, 1000));
      throw new Error('the source broke');
    };
    const writing = openLayoutContent({ folder }).write(described(layer), open, { repository });
    await expect(writing).rejects.toThrow('the source broke');
    expect(await readdir(join(folder, 'blobs', 'sha256'))).toEqual([]);
  });
});

describeWith('skopeo on a layout of several repositories', ['skopeo'], (parts) => {
  const skopeo = (...command: readonly string[]) =>
    execFileSync(parts().skopeo.program, ['--insecure-policy', ...command], { encoding: 'utf8', stdio: 'pipe' });
  const inspect = (name: string): unknown => JSON.parse(skopeo('inspect', `oci:${name}`));

  it('finds each image by its repository and tag', async () => {
    const folder = await newFolder();
    const content = openLayoutContent({ folder });
    const api = await tagSampleImage(content, { texts: ['base', 'api'], tags: ['production-abc1234', 'latest'] });
    const web = await tagSampleImage(content, { texts: ['base', 'web'], tags: ['latest'], repository: 'shop-web' });
    for (const tag of ['production-abc1234', 'latest']) {
      expect(inspect(`${folder}:shop-api:${tag}`)).toMatchObject({ Digest: api.digest });
    }
    expect(inspect(`${folder}:shop-web:latest`)).toMatchObject({ Digest: web.digest });
  });

  it('copies an index with all that is below it', async () => {
    const folder = await newFolder();
    const { index } = await tagSampleIndex(openLayoutContent({ folder }), { texts: ['base'], tags: ['both'] });
    const copy = await mkdtemp(join(tmpdir(), 'maestro-layout-copy-'));
    skopeo('copy', '--all', '--preserve-digests', `oci:${folder}:shop-api:both`, `dir:${copy}`);
    expect(skopeo('manifest-digest', join(copy, 'manifest.json')).trim()).toBe(index.digest);
  });
});
