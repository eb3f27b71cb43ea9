import { execFileSync } from 'node:child_process';
import { cp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { beforeAll, describe, expect, it } from 'vitest';

import { loadRelease, type ReleasePlace, saveRelease } from '../../src/embedded.ts';
import { copyImage, type ImageStoreErrorCode } from '../../src/index.ts';
import { MemoryImageContent } from '../../src/testing.ts';
import { sampleLayer } from '../../src/testing/sample-content.ts';
import { at, codeOf, newFolder, openScene, type Scene, tagsIn } from './saved-releases.ts';

describe('a release that did not arrive as it was saved', () => {
  let scene: Scene;
  let saved: string;
  let layer: string;
  beforeAll(async () => {
    scene = await openScene();
    saved = await newFolder();
    await saveRelease({ from: scene.from, release: scene.release, folder: saved });
    ({ digest: layer } = await sampleLayer('web'));
  });

  const flip = async (path: string) => {
    const contents = await readFile(path);
    contents.writeUInt8(contents.readUInt8(contents.length - 1) ^ 1, contents.length - 1);
    await writeFile(path, contents);
  };
  const cut = async (path: string) => {
    await truncate(path, Math.floor((await readFile(path)).length / 2));
  };
  const rewrite = (change: (text: string) => string) => async (path: string) => {
    await writeFile(path, change(await readFile(path, 'utf8')));
  };

  const corrupt = 'IMAGE_STORE_CORRUPT';
  const invalid = 'IMAGE_STORE_INVALID_LAYOUT';
  const cases: readonly {
    readonly name: string;
    readonly path: () => string;
    readonly damage: (path: string) => Promise<void>;
    readonly code: ImageStoreErrorCode;
  }[] = [
    { name: 'a wrong byte in a layer', path: () => at(layer), damage: flip, code: corrupt },
    { name: 'half a layer', path: () => at(layer), damage: cut, code: corrupt },
    { name: 'a layer too few', path: () => at(layer), damage: rm, code: corrupt },
    { name: 'a wrong byte in a manifest', path: () => at(scene.web), damage: flip, code: corrupt },
    { name: 'half an index of an image', path: () => at(scene.api), damage: cut, code: corrupt },
    { name: 'no manifest', path: () => at(scene.web), damage: rm, code: corrupt },
    { name: 'half an index', path: () => 'index.json', damage: cut, code: invalid },
    { name: 'no index', path: () => 'index.json', damage: rm, code: invalid },
    {
      name: 'an index that names another image',
      path: () => 'index.json',
      damage: rewrite((text) => text.replace(scene.web, scene.api)),
      code: invalid,
    },
    { name: 'no mark of a layout', path: () => 'oci-layout', damage: rm, code: invalid },
    {
      name: 'a layout of another version',
      path: () => 'oci-layout',
      damage: rewrite(() => '{"imageLayoutVersion":"2.0.0"}'),
      code: invalid,
    },
    { name: 'no record', path: () => 'maestro-release.json', damage: rm, code: invalid },
    { name: 'half a record', path: () => 'maestro-release.json', damage: cut, code: invalid },
    {
      name: 'a record of another release',
      path: () => 'maestro-release.json',
      damage: rewrite((text) => text.replace('def5678', '0000000')),
      code: invalid,
    },
  ];

  /** The damaged copy, as a folder or as an archive that `tar` made of it. */
  const copies: readonly (readonly [string, (folder: string) => ReleasePlace])[] = [
    ['folder', (folder) => ({ folder })],
    [
      'archive',
      (folder) => {
        execFileSync('tar', ['--create', `--file=${folder}.tar`, `--directory=${folder}`, '.']);
        return { file: `${folder}.tar` };
      },
    ],
  ];

  describe.each(copies)('in a %s', (_, placeOf) => {
    it.each(cases)('sets no tag with $name: $code', async ({ path, damage, code }) => {
      const folder = await newFolder();
      await cp(saved, folder, { recursive: true });
      await damage(join(folder, path()));
      const to = new MemoryImageContent();
      const loading = loadRelease({ ...placeOf(folder), to });
      expect(await codeOf(loading)).toBe(code);
      // The index is what does not fit to a record of another release.
      const named = path() === 'maestro-release.json' ? /maestro-release\.json|index\.json/ : path();
      await expect(loading).rejects.toThrow(named);
      expect(await tagsIn(to)).toEqual([undefined, undefined]);
    });
  });

  it('sets no tag either when what is damaged is there already', async () => {
    const folder = await newFolder();
    await cp(saved, folder, { recursive: true });
    const to = new MemoryImageContent();
    await copyImage({ from: scene.from, to, repository: 'shop-web', digest: scene.web, tags: [] });
    await flip(join(folder, at(layer)));
    expect(await codeOf(loadRelease({ folder, to }))).toBe('IMAGE_STORE_CORRUPT');
    expect(await tagsIn(to)).toEqual([undefined, undefined]);
  });

  it('is refused as an archive that was cut anywhere', async () => {
    const file = await newFolder('release.tar');
    await saveRelease({ from: scene.from, release: scene.release, file });
    const whole = await readFile(file);
    for (const share of [0, 0.001, 0.1, 0.5, 0.9, 0.999]) {
      const part = `${file}.part`;
      await writeFile(part, whole.subarray(0, Math.floor(whole.length * share)));
      const to = new MemoryImageContent();
      const loading = loadRelease({ file: part, to });
      expect(await codeOf(loading)).toBe('IMAGE_STORE_INVALID_LAYOUT');
      await expect(loading).rejects.toThrow(part);
      expect(await tagsIn(to)).toEqual([undefined, undefined]);
    }
  });

  it('is refused when it is not there', async () => {
    const to = new MemoryImageContent();
    for (const place of [{ folder: '/nowhere/at/all' }, { file: '/nowhere/at.tar' }]) {
      expect(await codeOf(loadRelease({ ...place, to }))).toBe('IMAGE_STORE_INVALID_LAYOUT');
    }
  });
});
