import { execFileSync } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describeWith } from '@maestro/services/vitest';
import { describe, expect, it } from 'vitest';

import {
  loadRelease,
  openLayoutContent,
  openSavedRelease,
  type ReleasePlace,
  saveRelease,
} from '../../src/embedded.ts';
import { copyImage } from '../../src/index.ts';
import { MemoryImageContent, sampleRelease } from '../../src/testing.ts';
import { sampleLayer, tagSampleImage, tagSampleIndex } from '../../src/testing/sample-content.ts';
import { codeOf, filesIn, newFolder, openScene, tagsIn } from './saved-releases.ts';

describe.each(['folder', 'file'])('a release saved to a %s', (form) => {
  const place = async (): Promise<ReleasePlace> =>
    form === 'folder' ? { folder: await newFolder() } : { file: await newFolder('release.tar') };

  it('is loaded as it was, under its tags', async () => {
    const { from, release, api, web } = await openScene();
    const saved = await place();
    await saveRelease({ from, release, ...saved });
    const to = new MemoryImageContent();
    expect(await loadRelease({ ...saved, to })).toEqual(release);
    expect(await tagsIn(to)).toEqual([api, web]);
    // All of it went along: it can be saved anew from there.
    const again = await place();
    await saveRelease({ from: to, release, ...again });
    expect(await codeOf(loadRelease({ ...again, to: new MemoryImageContent() }))).toBe('none');
  });

  it('has the same bytes each time', async () => {
    const { from, release } = await openScene();
    const [one, two] = [await place(), await place()];
    await saveRelease({ from, release, ...one });
    const { services, ...rest } = release;
    await saveRelease({ from, release: { services, ...rest }, ...two });
    const bytes = (saved: ReleasePlace) => ('file' in saved ? readFile(saved.file, 'base64') : filesIn(saved.folder));
    expect(await bytes(two)).toEqual(await bytes(one));
  });

  it('is loaded twice without complaint, also where some of it was there before', async () => {
    const { from, release, api, web } = await openScene();
    const saved = await place();
    await saveRelease({ from, release, ...saved });
    const to = new MemoryImageContent();
    const { content } = await openSavedRelease(saved);
    await copyImage({ from: content, to, repository: 'shop-web', digest: web, tags: ['stable'] });
    for (let time = 0; time < 2; time += 1) await loadRelease({ ...saved, to });
    expect(await tagsIn(to)).toEqual([api, web]);
  });

  it('is not there when an image of it cannot be read', async () => {
    const { release, api } = await openScene();
    const saved = await place();
    const from = new MemoryImageContent();
    await tagSampleIndex(from, { texts: ['base'], tags: [] });
    expect(await codeOf(saveRelease({ from, release, ...saved }))).toBe('IMAGE_STORE_UNKNOWN_IMAGE');
    const to = new MemoryImageContent();
    expect(await codeOf(loadRelease({ ...saved, to }))).toBe('IMAGE_STORE_INVALID_LAYOUT');
    expect(await to.manifest({ repository: 'shop-api', reference: api })).toBeUndefined();
  });
});

describe('a folder that a release is saved to', () => {
  it('may hold what an earlier attempt left, and is then the same as one that was saved at once', async () => {
    const { from, release } = await openScene();
    const [folder, whole] = [await newFolder(), await newFolder()];
    await saveRelease({ from, release, folder: whole });
    await cp(whole, folder, { recursive: true });
    await rm(join(folder, 'index.json'));
    const [layer] = await readdir(join(folder, 'blobs', 'sha256'));
    await truncate(join(folder, 'blobs', 'sha256', layer ?? ''), 10);
    await writeFile(join(folder, 'blobs', 'sha256', `.${'0'.repeat(64)}.0123456789ab.tmp`), 'left by a killed writer');
    await writeFile(join(folder, '.index.json.0123456789ab.tmp'), 'left by a killed writer');
    await saveRelease({ from, release, folder });
    expect(await filesIn(folder)).toEqual(await filesIn(whole));
  });

  it('is refused when it holds another release, or anything else', async () => {
    const { from, release } = await openScene();
    const folder = await newFolder();
    await saveRelease({ from, release, folder });
    const before = await filesIn(folder);
    const other = saveRelease({ from, release: { ...release, id: sampleRelease(8).id }, folder });
    expect(await codeOf(other)).toBe('IMAGE_STORE_FOLDER_TAKEN');
    expect(await filesIn(folder)).toEqual(before);

    const layout = await newFolder();
    await tagSampleImage(openLayoutContent({ folder: layout }), { texts: ['one'], tags: ['latest'] });
    expect(await codeOf(saveRelease({ from, release, folder: layout }))).toBe('IMAGE_STORE_FOLDER_TAKEN');
  });

  it('has what images share once', async () => {
    const { from, release } = await openScene();
    const folder = await newFolder();
    await saveRelease({ from, release, folder });
    const { size } = { size: (await sampleLayer('base')).contents.byteLength };
    const all = Object.values(await filesIn(folder)).reduce((sum, text) => sum + Buffer.from(text, 'base64').length, 0);
    // Four layers of the same size, one of them in all three images.
    expect(all).toBeGreaterThan(4 * size);
    expect(all).toBeLessThan(4.5 * size);
  });
});

describeWith('skopeo on a saved release', ['skopeo'], (parts) => {
  const skopeo = (...command: readonly string[]) =>
    execFileSync(parts().skopeo.program, ['--insecure-policy', ...command], { encoding: 'utf8', stdio: 'pipe' });

  it('finds and copies its images, in the folder and in what tar unpacks', async () => {
    const { from, release, api, web } = await openScene();
    const [folder, file, unpacked] = [
      await newFolder(),
      await newFolder('release.tar'),
      await mkdtemp(join(tmpdir(), 'u')),
    ];
    await saveRelease({ from, release, folder });
    await saveRelease({ from, release, file });
    execFileSync('tar', ['--extract', `--file=${file}`, `--directory=${unpacked}`]);
    expect(await filesIn(unpacked)).toEqual(await filesIn(folder));
    const found: unknown = JSON.parse(skopeo('inspect', `oci:${folder}:shop-web:production-def5678`));
    expect(found).toMatchObject({
      Digest: web,
      Layers: [(await sampleLayer('base')).digest, (await sampleLayer('web')).digest],
    });
    const copy = await mkdtemp(join(tmpdir(), 'maestro-release-copy-'));
    skopeo('copy', '--all', '--preserve-digests', `oci:${folder}:shop-api:production-abc1234`, `dir:${copy}`);
    expect(skopeo('manifest-digest', join(copy, 'manifest.json')).trim()).toBe(api);
  });
});
