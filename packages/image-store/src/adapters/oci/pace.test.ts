import { ManualClock } from '@maestro/core/testing';
import { describe, expect, it } from 'vitest';

import { Pace } from './pace.ts';

const chunk = Buffer.alloc(1000);
const open = (sizeBytes: number) => {
  const clock = new ManualClock();
  return { clock, pace: new Pace({ clock, sizeBytes, onExpired: () => new Error('too slow') }) };
};

/** Chunks, each of which takes the other side this long. */
async function* slowly(clock: ManualClock, pausesMs: readonly number[]) {
  for (const pauseMs of pausesMs) {
    await clock.advance(pauseMs);
    yield chunk;
  }
}

describe('Pace', () => {
  it('ends what does nothing for 30 seconds', async () => {
    const { clock, pace } = open(1_000_000_000);
    pace.start();
    await clock.advance(29_999);
    expect(pace.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(pace.signal.reason).toEqual(new Error('too slow'));
  });

  it('lets what moves take 30 seconds and its time at 100 kB a second', async () => {
    const { clock, pace } = open(6_000_000);
    for await (const bytes of pace.receiving(slowly(clock, [29_000, 29_000, 29_000]))) expect(bytes).toBe(chunk);
    expect(pace.signal.aborted).toBe(false);
    for await (const bytes of pace.receiving(slowly(clock, [3001]))) expect(bytes).toBe(chunk);
    expect(pace.signal.aborted).toBe(true);
  });

  it('does not count the time that the receiver of the bytes takes', async () => {
    const { clock, pace } = open(0);
    for await (const bytes of pace.receiving(slowly(clock, [1000, 1000, 1000]))) {
      expect(bytes).toBe(chunk);
      await clock.advance(60_000);
    }
    await clock.advance(60_000);
    expect(pace.signal.aborted).toBe(false);
  });

  it('does not count the time that the source of the bytes takes, and expects an answer after them', async () => {
    const { clock, pace } = open(0);
    pace.start();
    for await (const bytes of pace.sending(slowly(clock, [60_000, 60_000]))) {
      expect(bytes).toBe(chunk);
      await clock.advance(10_000);
    }
    expect(pace.signal.aborted).toBe(false);
    await clock.advance(10_001);
    expect(pace.signal.aborted).toBe(true);
  });
});
