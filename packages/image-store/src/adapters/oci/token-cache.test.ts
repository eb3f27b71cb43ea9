import { Redacted } from '@maestro/core';
import { ManualClock } from '@maestro/core/testing';
import { describe, expect, it } from 'vitest';

import { TokenCache } from './token-cache.ts';

describe('the token cache', () => {
  /** Fetches tokens that are numbered, and counts them. */
  const counting = (usableMs = 80_000) => {
    const fetched: Redacted[] = [];
    const fetch = () => {
      const value = new Redacted(`Bearer ${fetched.length}`);
      fetched.push(value);
      return Promise.resolve({ value, usableMs });
    };
    return { fetched, fetch };
  };

  it('fetches one token a scope for all who want it', async () => {
    const cache = new TokenCache<Redacted>(new ManualClock());
    const { fetched, fetch } = counting();
    const pulls = Array.from({ length: 20 }, () => cache.get('pull', fetch));
    const tokens = await Promise.all([...pulls, cache.get('push', fetch)]);
    expect(new Set(tokens)).toEqual(new Set(fetched));
    expect(fetched).toHaveLength(2);
  });

  it('fetches another one when the old one may not be used any more', async () => {
    const clock = new ManualClock();
    const cache = new TokenCache<Redacted>(clock);
    const { fetched, fetch } = counting();
    await cache.get('pull', fetch);
    await clock.advance(79_999);
    await cache.get('pull', fetch);
    expect(fetched).toHaveLength(1);
    await clock.advance(1);
    await cache.get('pull', fetch);
    expect(fetched).toHaveLength(2);
  });

  it('fetches another one for the first who was refused, and gives it to the others', async () => {
    const cache = new TokenCache<Redacted>(new ManualClock());
    const { fetched, fetch } = counting();
    const refused = await cache.get('pull', fetch);
    const renewed = await Promise.all([cache.get('pull', fetch, refused), cache.get('pull', fetch, refused)]);
    expect(renewed).toEqual([fetched[1], fetched[1]]);
    expect(await cache.get('pull', fetch, refused)).toBe(fetched[1]);
    expect(fetched).toHaveLength(2);
  });

  it('remembers that there is none', async () => {
    const cache = new TokenCache<Redacted | undefined>(new ManualClock());
    let asked = 0;
    const fetch = () => Promise.resolve({ value: void (asked += 1), usableMs: 1 });
    await cache.get('pull', fetch);
    expect(await cache.get('pull', fetch)).toBeUndefined();
    expect(asked).toBe(1);
  });

  it('keeps no failure', async () => {
    const cache = new TokenCache<Redacted>(new ManualClock());
    await expect(cache.get('pull', () => Promise.reject(new Error('down')))).rejects.toThrow('down');
    const { fetched, fetch } = counting();
    expect(await cache.get('pull', fetch)).toBe(fetched[0]);
  });
});
