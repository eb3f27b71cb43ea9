import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { annotation, mediaTypes } from '../../image/oci.ts';
import { findEntry, type IndexEntries, tagsOf, withoutImage, withTag } from './index-entries.ts';

const digestOf = (name: string) => `sha256:${name.repeat(64)}`;
const image = (name: string) => ({ mediaType: mediaTypes.manifest, digest: digestOf(name), size: 1 });

describe('index entries', () => {
  it('hold one entry for each tag of an image', () => {
    const entries = withTag(withTag([], image('a'), 'v1'), image('a'), 'latest');
    expect(entries.map((entry) => entry.annotations?.[annotation.refName])).toEqual(['v1', 'latest']);
    expect(tagsOf(entries, digestOf('a'))).toEqual(['latest', 'v1']);
  });

  it('keep an image without tags until it gets one again', () => {
    const taken = withTag(withTag([], image('a'), 'v1'), image('b'), 'v1');
    expect(findEntry(taken, digestOf('a'))).toEqual(image('a'));
    const again = withTag(taken, image('a'), 'v2');
    expect(again.filter(({ digest }) => digest === digestOf('a'))).toHaveLength(1);
    expect(tagsOf(again, digestOf('a'))).toEqual(['v2']);
  });

  it('agree with a map from tags to images after anything that happened', () => {
    const name = fc.constantFrom('a', 'b', 'c');
    const operation = fc.oneof(
      fc.record({ kind: fc.constant('tag' as const), name, tag: fc.constantFrom('x', 'y', 'z') }),
      fc.record({ kind: fc.constant('remove' as const), name, tag: fc.constant('') }),
    );
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 30 }), (operations) => {
        let entries: IndexEntries = [];
        const images = new Set<string>();
        const tags = new Map<string, string>();
        for (const { kind, name: of, tag } of operations) {
          const digest = digestOf(of);
          if (kind === 'tag') {
            entries = withTag(entries, image(of), tag);
            images.add(digest);
            tags.set(tag, digest);
          } else {
            entries = withoutImage(entries, digest);
            images.delete(digest);
            for (const [other, tagged] of tags) if (tagged === digest) tags.delete(other);
          }
        }
        expect(new Set(entries.map(({ digest }) => digest))).toEqual(images);
        for (const [tag, digest] of tags) expect(findEntry(entries, tag)?.digest).toBe(digest);
        for (const digest of images) {
          const expected = [...tags].flatMap(([tag, tagged]) => (tagged === digest ? [tag] : [])).sort();
          expect(tagsOf(entries, digest)).toEqual(expected);
          const own = entries.filter((entry) => entry.digest === digest);
          expect(own).toHaveLength(Math.max(1, expected.length));
        }
      }),
    );
  });
});
