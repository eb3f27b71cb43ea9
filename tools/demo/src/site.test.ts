import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { compareStored, siteProblems } from './site.ts';

const names = fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 50 });

describe('compareStored', () => {
  it('is content with every acknowledged template once and any part of the uncertain ones, in any order', () => {
    fc.assert(
      fc.property(names, fc.nat(), fc.nat(), (all, at, taken) => {
        const acknowledged = all.slice(0, at % all.length);
        const uncertain = all.slice(at % all.length);
        const stored = [...acknowledged, ...uncertain.slice(0, taken % uncertain.length)].reverse();
        expect(compareStored({ acknowledged, uncertain }, stored)).toEqual({ lost: [], doubled: [], strange: [] });
      }),
    );
  });

  it('finds whichever one template is lost, doubled or strange', () => {
    fc.assert(
      fc.property(names, fc.nat(), (all, at) => {
        const one = all[at % all.length] ?? '';
        const sent = { acknowledged: all, uncertain: [] };
        expect(
          compareStored(
            sent,
            all.filter((name) => name !== one),
          ).lost,
        ).toEqual([one]);
        expect(compareStored(sent, [...all, one]).doubled).toEqual([one]);
        const others = { acknowledged: all.filter((name) => name !== one), uncertain: [] };
        expect(compareStored(others, all).strange).toEqual([one]);
      }),
    );
  });

  it('finds an uncertain template that is stored twice', () => {
    expect(compareStored({ acknowledged: [], uncertain: ['a'] }, ['a', 'a']).doubled).toEqual(['a']);
  });
});

describe('siteProblems', () => {
  const wanted = { revision: 'abc1234def', hasCategories: true };

  it('accepts a short revision of the same commit', () => {
    expect(siteProblems({ gateway: 'abc1234', templateService: 'abc1234def', hasCategories: true }, wanted)).toEqual(
      [],
    );
  });

  it('names each service that is another version, and behaviour that is another one', () => {
    expect(siteProblems({ gateway: 'unknown', templateService: '7654321', hasCategories: false }, wanted)).toEqual([
      'the gateway answers as unknown instead of abc1234def',
      'template-service answers as 7654321 instead of abc1234def',
      'templates lack categories at abc1234def',
    ]);
  });
});
