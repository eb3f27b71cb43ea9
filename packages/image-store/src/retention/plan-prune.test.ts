import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { StoredImage } from '../ports/image-store.ts';
import { planPrune } from './plan-prune.ts';

const digest = (index: number) => `sha256:${index.toString(16).padStart(64, '0')}`;

/** The image of the commit of a day. */
function image(day: number, changes: Partial<StoredImage> = {}): StoredImage {
  return {
    repository: 'shop-api',
    digest: digest(day),
    tags: [`production-${day.toString(16).padStart(7, '0')}`],
    inputHash: `input ${day}`,
    revision: day.toString(16).padStart(40, '0'),
    createdAt: new Date(Date.UTC(2026, 0, 1 + day)).toISOString(),
    sizeBytes: 100 + day,
    ...changes,
  };
}

const days = (count: number) => Array.from({ length: count }, (_, day) => image(day));
const digestsOf = (images: readonly StoredImage[]) => images.map((one) => one.digest);

it('removes what is neither needed, tagged by somebody nor among the newest, the oldest first', () => {
  const images = [...days(13), image(1000, { repository: 'shop-web', createdAt: '2020-01-01T00:00:00.000Z' })];
  const { remove, freedBytes } = planPrune({ images: images.toReversed(), references: [] });
  expect(digestsOf(remove)).toEqual([0, 1, 2].map(digest));
  expect(freedBytes).toBe(100 + 101 + 102);
});

it('keeps what is needed, by whomever, and says by whom', () => {
  const references = [{ digest: digest(1), by: 'release 01JGZ of demo' }];
  const { remove, keep } = planPrune({ images: days(13), references });
  expect(digestsOf(remove)).toEqual([digest(0), digest(2)]);
  expect(keep).toContainEqual({ image: image(1), because: 'release 01JGZ of demo' });
});

describe('tags', () => {
  const remains = (tags: readonly string[]) => {
    const { keep } = planPrune({ images: [image(0, { tags }), ...days(13).slice(1)], references: [] });
    return keep.find((kept) => kept.image.digest === digest(0))?.because;
  };

  it.each([['stable'], ['v1.2.3'], ['keep-abc1234x'], ['production']])('keep an image: %s', (tag) => {
    expect(remains(['production-abc1234', tag])).toBe(`tag ${tag}`);
  });

  it.each([[[]], [['production-abc1234']], [['demo-abc1234567', 'production-abc1234-dirty-0123abcd']]])(
    'that every image gets do not: %j',
    (tags) => {
      expect(remains(tags)).toBeUndefined();
    },
  );

  it('say which one is the newest, however old its commit', () => {
    expect(remains(['latest'])).toBe('among the newest 10');
  });
});

it('never removes what is referred to or among the newest, and forgets no image', () => {
  const anyImage = fc
    .record({ day: fc.nat({ max: 60 }), repository: fc.constantFrom('shop-api', 'shop-web'), stable: fc.boolean() })
    .map(({ day, repository, stable }) => image(day, { repository, ...(stable ? { tags: ['stable'] } : {}) }));
  const unique = { selector: (one: StoredImage) => `${one.repository} ${one.digest}`, maxLength: 60 };
  const newest = fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined });
  fc.assert(
    fc.property(fc.uniqueArray(anyImage, unique), fc.array(fc.nat({ max: 60 })), newest, (images, needed, kept) => {
      const references = needed.map((day) => ({ digest: digest(day), by: `release of day ${day}` }));
      const { remove, keep } = planPrune({ images, references, newest: kept });
      expect(new Set([...remove, ...keep.map((kept) => kept.image)])).toEqual(new Set(images));
      expect(remove.length + keep.length).toBe(images.length);
      for (const removed of remove) {
        expect(needed.map(digest)).not.toContain(removed.digest);
        expect(removed.tags).not.toContain('stable');
        const younger = images.filter(
          (one) => one.repository === removed.repository && one.createdAt > removed.createdAt,
        );
        expect(younger.length).toBeGreaterThanOrEqual(kept ?? 10);
      }
    }),
  );
});
