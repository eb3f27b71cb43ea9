import { silentLogger } from '@maestro/core';
import { ManualClock } from '@maestro/core/testing';
import { describe, expect, it } from 'vitest';

import { ImageStoreError } from '../../errors.ts';
import { retrying } from './retrying.ts';

describe('work that fails', () => {
  const failing = (error: Error, times: number) => {
    let calls = 0;
    const work = () => {
      calls += 1;
      return calls <= times ? Promise.reject(error) : Promise.resolve('done');
    };
    return { work, calls: () => calls };
  };
  const passing = (retryAfterMs?: number) =>
    new ImageStoreError('IMAGE_STORE_UNREACHABLE', 'overloaded', {
      retryable: true,
      details: retryAfterMs === undefined ? {} : { retryAfterMs },
    });
  const start = (work: () => Promise<string>, clock: ManualClock, signal?: AbortSignal) => {
    const outcome = retrying(work, { clock, logger: silentLogger, signal });
    outcome.catch(() => undefined);
    return outcome;
  };

  it('is done again after pauses that double', async () => {
    const clock = new ManualClock();
    const { work, calls } = failing(passing(), 3);
    const outcome = start(work, clock);
    const callsAfter: number[] = [];
    for (const ms of [249, 1, 499, 1, 999, 1]) {
      await clock.advance(ms);
      callsAfter.push(calls());
    }
    expect(callsAfter).toEqual([1, 2, 2, 3, 3, 4]);
    expect(await outcome).toBe('done');
  });

  it('is given up after four attempts', async () => {
    const clock = new ManualClock();
    const { work, calls } = failing(passing(), Infinity);
    const outcome = start(work, clock);
    await clock.advance(60_000);
    await expect(outcome).rejects.toThrow('overloaded');
    expect(calls()).toBe(4);
  });

  it('waits as long as the registry asks for', async () => {
    const clock = new ManualClock();
    const { work, calls } = failing(passing(5000), 1);
    const outcome = start(work, clock);
    await clock.advance(4999);
    expect(calls()).toBe(1);
    await clock.advance(1);
    expect(await outcome).toBe('done');
  });

  it.each([
    ['the registry asks to wait for longer than anybody would', passing(30_001)],
    ['doing it again would not help', new ImageStoreError('IMAGE_STORE_DENIED', 'no')],
    ['nobody knows why', new Error('a bug')],
  ])('is not done again when %s', async (_, error) => {
    const clock = new ManualClock();
    const { work, calls } = failing(error, 1);
    const outcome = start(work, clock);
    await clock.advance(60_000);
    await expect(outcome).rejects.toBe(error);
    expect(calls()).toBe(1);
  });

  it('is given up at once by a caller that does not wait', async () => {
    const controller = new AbortController();
    const clock = new ManualClock();
    const outcome = start(failing(passing(), 1).work, clock, controller.signal);
    await clock.advance(100);
    controller.abort(new Error('given up'));
    await expect(outcome).rejects.toThrow('given up');
  });
});
