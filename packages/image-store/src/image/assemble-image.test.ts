import { isMaestroError } from '@maestro/core';
import fc from 'fast-check';
import { extract } from 'tar-stream';
import { describe, expect, it } from 'vitest';

import type { ImageSource, SourceFile } from '../source/image-source.ts';
import { sampleSource } from '../testing/samples.ts';
import { assembleImage } from './assemble-image.ts';
import { digestOf } from './blob.ts';
import { readLayer } from './read-layer.ts';

const files = { 'main.js': 'start()', 'lib/part.js': 'part()' };
const base = { source: sampleSource(files), repository: 'shop-api', environment: 'production' };

const text = (contents: Uint8Array) => Buffer.from(contents).toString('utf8');

describe('assembleImage', () => {
  it('gives the same files of the same commit the digest they had when this test was written', async () => {
    const { digest } = await assembleImage(base);
    expect(digest).toBe('sha256:ccd5850f39baf7460f1317774fa1b43aa6757ecff363c9915ebd41857df384ac');
  });

  it('tags by environment and commit, without the environment having a part in the digest', async () => {
    const production = await assembleImage(base);
    const demo = await assembleImage({ ...base, environment: 'demo' });
    const short = base.source.revision.slice(0, 7);
    expect([production.tag, demo.tag]).toEqual([`production-${short}`, `demo-${short}`]);
    expect(demo.digest).toBe(production.digest);
  });

  it('says in manifest and configuration where the files come from', async () => {
    const { manifest, config, layer, inputHash } = await assembleImage({ ...base, labels: { team: 'checkout' } });
    const origin = {
      'maestro.input': inputHash,
      'org.opencontainers.image.created': base.source.committedAt,
      'org.opencontainers.image.revision': base.source.revision,
      'org.opencontainers.image.title': 'shop-api',
      'org.opencontainers.image.version': base.source.shortRevision,
    };
    expect(JSON.parse(text(manifest.contents))).toMatchObject({
      schemaVersion: 2,
      config: { digest: config.digest, size: config.contents.byteLength },
      layers: [{ digest: layer.digest, size: layer.contents.byteLength }],
      annotations: origin,
    });
    expect(JSON.parse(text(config.contents))).toMatchObject({
      architecture: 'amd64',
      os: 'linux',
      config: { Labels: { ...origin, team: 'checkout' } },
      rootfs: { type: 'layers', diff_ids: [layer.digest] },
    });
    expect(layer.digest).toBe(digestOf(layer.contents));
  });

  it.each(['maestro.input', 'org.opencontainers.image.revision', 'org.opencontainers.image.title'])(
    'lets no label of others say %s',
    async (name) => {
      const { config } = await assembleImage({ ...base, labels: { [name]: 'made up' } });
      expect(text(config.contents)).not.toContain('made up');
    },
  );

  it('gives labels in another order the same digest, and other labels another one', async () => {
    const one = await assembleImage({ ...base, labels: { a: '1', b: '2' } });
    const two = await assembleImage({ ...base, labels: { b: '2', a: '1' } });
    const other = await assembleImage({ ...base, labels: { a: '1', b: '3' } });
    expect(two.digest).toBe(one.digest);
    expect(other.digest).not.toBe(one.digest);
  });

  it('marks a dirty source in revision and tag, a tag of its own for each state of the files', async () => {
    const commit = base.source;
    const [one, two] = await Promise.all(
      ['one', 'two'].map((state) => {
        const { files: changed } = sampleSource({ ...files, 'main.js': state });
        return assembleImage({ ...base, source: { ...commit, dirty: true, files: changed } });
      }),
    );
    expect(one?.revision).toBe(`${commit.revision}-dirty`);
    expect(one?.tag).toMatch(new RegExp(`^production-${commit.shortRevision}-dirty-[0-9a-f]{8}$`));
    expect(two?.tag).not.toBe(one?.tag);
  });

  it.each([
    ['a repository in capitals', { repository: 'Shop' }],
    ['a repository that leads elsewhere', { repository: '../shop' }],
    ['a repository with folders', { repository: 'shop/api' }],
    ['an environment with a slash', { environment: 'feature/x' }],
    ['an environment too long for a tag', { environment: 'e'.repeat(64) }],
  ])('refuses %s', async (_, change) => {
    await expect(assembleImage({ ...base, ...change })).rejects.toSatisfy((error) =>
      isMaestroError(error, 'IMAGE_STORE_INVALID_NAME'),
    );
  });

  it('keeps every file through the layer, whatever its name, mode and bytes', async () => {
    const name = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
      .filter((part) => part !== '.' && part !== '..' && !/[/\0]/.test(part));
    const file: fc.Arbitrary<SourceFile> = fc.record({
      path: fc.array(name, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/')),
      mode: fc.constantFrom(0o644 as const, 0o755 as const),
      contents: fc.uint8Array({ maxLength: 2000 }),
    });
    // A file cannot be a folder too.
    const distinct = fc
      .uniqueArray(file, { selector: ({ path }) => path, minLength: 1, maxLength: 8 })
      .filter((all) => all.every(({ path }) => !all.some((other) => other.path.startsWith(`${path}/`))));

    await fc.assert(
      fc.asyncProperty(distinct, async (all) => {
        const source: ImageSource = { ...base.source, files: all };
        const { layer } = await assembleImage({ ...base, source });
        const read = (await readLayer(layer.contents)).filter((entry) => entry.type === 'file');
        const plain = (list: readonly { path: string; mode: unknown; contents: Uint8Array }[]) =>
          list.map(({ path, mode, contents }) => [path, mode, Buffer.from(contents).toString('hex')].join()).sort();
        expect(plain(read)).toEqual(plain(all));
        const reversed = await assembleImage({ ...base, source: { ...source, files: [...all].reverse() } });
        expect(reversed.layer.digest).toBe(layer.digest);
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    ['1960-01-01T00:00:00.000Z', '1970-01-01T00:00:00.000Z'],
    ['2026-01-01T00:00:00.999Z', '2026-01-01T00:00:00.000Z'],
    ['2100-01-01T00:00:00.000Z', '2038-01-19T03:14:07.000Z'],
  ])('dates the files of a commit of %s as near as tar can express: %s', async (committedAt, expected) => {
    const { layer } = await assembleImage({ ...base, source: sampleSource(files, { committedAt }) });
    const archive = extract();
    archive.end(layer.contents);
    for await (const entry of archive) {
      entry.resume();
      expect(entry.header.mtime.toISOString()).toBe(expected);
    }
    expect.assertions(3);
  });
});
