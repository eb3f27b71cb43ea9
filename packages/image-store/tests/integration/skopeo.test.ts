import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describeWith } from '@maestro/services/vitest';
import { beforeAll, expect, it } from 'vitest';

import { openEmbeddedImageStore } from '../../src/embedded.ts';
import { assembleImage } from '../../src/index.ts';
import { sampleSource } from '../../src/testing.ts';

describeWith('skopeo, an implementation of the image specification by others', ['skopeo'], (parts) => {
  const skopeo = (...command: readonly string[]) =>
    execFileSync(parts().skopeo.program, ['--insecure-policy', ...command], { encoding: 'utf8', stdio: 'pipe' });
  const repository = 'shop-api';
  let layout: string;
  let image: Awaited<ReturnType<typeof assembleImage>>;

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'maestro-skopeo-'));
    const store = openEmbeddedImageStore({ folder });
    const make = (text: string) =>
      assembleImage({
        source: sampleSource({ 'main.js': text, [`${'long/'.repeat(40)}ü`]: 'deep' }),
        repository,
        environment: 'production',
        labels: { team: 'checkout' },
      });
    image = await make('one');
    const [second, third] = [await make('two'), await make('three')];
    for (const each of [image, second, third]) await store.put(each);
    // Leaves the second image without a tag: a layout with such an entry must be readable too.
    await store.retag({ repository, digest: third.digest, tag: second.tag });
    await store.retag({ repository, digest: image.digest, tag: 'stable' });
    layout = join(folder, repository);
  });

  it.each(['the own tag', 'stable'])('finds the image under %s with the same digest', (name) => {
    const tag = name === 'stable' ? name : image.tag;
    const found: unknown = JSON.parse(skopeo('inspect', `oci:${layout}:${tag}`));
    expect(found).toMatchObject({
      Digest: image.digest,
      Created: '2026-01-01T00:00:00Z',
      Labels: { team: 'checkout' },
      Layers: [image.layer.digest],
      Os: 'linux',
    });
  });

  it('copies the image as it is, every blob checked by its digest', async () => {
    const copy = await mkdtemp(join(tmpdir(), 'maestro-skopeo-copy-'));
    skopeo('copy', '--preserve-digests', `oci:${layout}:${image.tag}`, `dir:${copy}`);
    expect(skopeo('manifest-digest', join(copy, 'manifest.json')).trim()).toBe(image.digest);
    const layer = readFileSync(join(copy, image.layer.digest.slice('sha256:'.length)));
    expect(Buffer.compare(layer, image.layer.contents)).toBe(0);
  });

  it('sees the archive as tar does', () => {
    const listing = execFileSync('tar', ['--list', '--verbose', '--numeric-owner', '--full-time'], {
      input: image.layer.contents,
      encoding: 'utf8',
      env: { ...process.env, TZ: 'UTC', LC_ALL: 'C.UTF-8', TAR_OPTIONS: '--quoting-style=literal' },
    });
    const lines = listing.trim().split('\n');
    expect(lines).toContainEqual(expect.stringMatching(/^-rw-r--r-- 0\/0 +3 2026-01-01 00:00:00 main\.js$/));
    expect(lines).toContainEqual(expect.stringMatching(/^drwxr-xr-x 0\/0 +0 2026-01-01 00:00:00 long\/$/));
    expect(lines.at(-2)).toMatch(/long\/ü$/);
  });
});
