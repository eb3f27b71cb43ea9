import { ManualClock } from '@maestro/core/testing';
import { describe, expect, it } from 'vitest';

import { whileActive } from './while-active.ts';

const onSilence = () => new Error('silent');

describe('work that gives signs of life', () => {
  it('ends as it does', async () => {
    const options = { silenceMs: 10, clock: new ManualClock(), onSilence };
    expect(await whileActive(() => Promise.resolve(7), options)).toBe(7);
    await expect(whileActive(() => Promise.reject(new Error('broken')), options)).rejects.toThrow('broken');
  });

  it('takes as long as it wants, and ends when it is silent for too long', async () => {
    const clock = new ManualClock();
    let alive: () => void = () => undefined;
    let seen: AbortSignal | undefined;
    const work = whileActive<never>(
      (signal, sign) => {
        [seen, alive] = [signal, sign];
        return new Promise(() => undefined);
      },
      { silenceMs: 100, clock, onSilence },
    );
    const ended = expect(work).rejects.toThrow('silent');
    for (let signs = 0; signs < 5; signs += 1) {
      await clock.advance(99);
      alive();
    }
    await clock.advance(99);
    expect(seen?.aborted).toBe(false);
    await clock.advance(1);
    await ended;
    expect(seen?.aborted).toBe(true);
  });

  it('ends with the reason of an outer signal, also where it has aborted before', async () => {
    const outer = new AbortController();
    const options = { silenceMs: 100, clock: new ManualClock(), signal: outer.signal, onSilence };
    const ended = expect(whileActive(() => new Promise(() => undefined), options)).rejects.toThrow('given up');
    outer.abort(new Error('given up'));
    await ended;
    await expect(whileActive(() => Promise.resolve(7), options)).rejects.toThrow('given up');
  });
});
