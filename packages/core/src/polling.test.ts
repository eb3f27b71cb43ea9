import { describe, expect, it } from 'vitest';

import { poll } from './polling.ts';
import { ManualClock } from './testing.ts';

function countingProbe(answers: number[]) {
  let asked = 0;
  return () => Promise.resolve(answers[Math.min(asked++, answers.length - 1)] ?? 0);
}

describe('poll', () => {
  it('ends with the first accepted answer', async () => {
    const clock = new ManualClock();
    const polling = poll({
      probe: countingProbe([1, 2, 3]),
      accept: (value) => value === 3,
      intervalMs: 10,
      deadlineMs: 1000,
      clock,
    });
    await clock.advance(20);
    expect(await polling).toEqual({ accepted: true, value: 3, attempts: 3, elapsedMs: 20 });
  });

  it('ends at the deadline with the last answer', async () => {
    const clock = new ManualClock();
    const polling = poll({
      probe: countingProbe([5]),
      accept: () => false,
      intervalMs: 40,
      deadlineMs: 100,
      clock,
    });
    await clock.advance(100);
    expect(await polling).toEqual({ accepted: false, value: 5, attempts: 3, elapsedMs: 100 });
  });

  it('does not wait for a probe that hangs', async () => {
    const clock = new ManualClock();
    const polling = poll<number>({
      probe: () => new Promise(() => undefined),
      accept: () => true,
      intervalMs: 10,
      deadlineMs: 50,
      clock,
    });
    await clock.advance(50);
    expect(await polling).toEqual({ accepted: false, value: undefined, attempts: 1, elapsedMs: 50 });
  });

  it('passes on what a probe throws', async () => {
    const polling = poll({
      probe: () => Promise.reject(new Error('broken probe')),
      accept: () => true,
      intervalMs: 10,
      deadlineMs: 50,
      clock: new ManualClock(),
    });
    await expect(polling).rejects.toThrow('broken probe');
  });

  it('stops with the reason of an outer signal', async () => {
    const clock = new ManualClock();
    const outer = new AbortController();
    const polling = poll({
      probe: countingProbe([0]),
      accept: () => false,
      intervalMs: 10,
      deadlineMs: 1000,
      clock,
      signal: outer.signal,
    });
    const rejected = expect(polling).rejects.toThrow('enough');
    await clock.advance(25);
    outer.abort(new Error('enough'));
    await rejected;
  });
});
