import { ManualClock } from '@maestro/core/testing';
import { describe, expect, it } from 'vitest';

import type { Benchmark } from './benchmark.ts';
import { runBenchmark } from './run-benchmark.ts';
import type { RunEvent } from './run-events.ts';

const limits = { quickMs: 1_000, fullMs: 5_000, stopMs: 200, cleanUpMs: 100 };
const never = () => new Promise<never>(() => undefined);
const metBar = { name: 'answers', unit: 'answers', samples: [42], statistic: 'median' } as const;

function start(run: Benchmark['run'], { quick = true, peers = {} }: Partial<Benchmark & { quick: boolean }> = {}) {
  const clock = new ManualClock();
  const stop = new AbortController();
  const events: RunEvent[] = [];
  let started: () => void = () => undefined;
  const hasStarted = new Promise<void>((resolve) => {
    started = resolve;
  });
  const benchmark: Benchmark = {
    peers,
    run: (context) => {
      started();
      return run(context);
    },
  };
  const ended = runBenchmark({
    listed: { name: 'fixture', summary: '', load: () => Promise.resolve(benchmark) },
    quick,
    limits,
    clock,
    signal: stop.signal,
    report: (event) => events.push(event),
  });
  return { clock, stop, events, hasStarted, ended };
}

describe('runBenchmark', () => {
  it('says what it runs on first, with the versions of the peers', async () => {
    const { ended, events } = start(
      async ({ pair, quick }) => {
        expect(quick).toBe(true);
        await pair({
          name: 'speed',
          unit: '1/s',
          rounds: 1,
          ours: () => Promise.resolve(3),
          peer: { name: 'other', measure: () => Promise.resolve(2) },
        });
      },
      { peers: { other: () => Promise.resolve('1.2.3') } },
    );
    const { result, errors } = await ended;
    expect(events.map(({ type }) => type)).toEqual(['machine', 'round']);
    expect(events[0]).toMatchObject({
      benchmark: 'fixture',
      quick: true,
      peers: { other: '1.2.3' },
      node: process.version,
    });
    expect(result).toMatchObject({ ok: true, figures: [{ name: 'speed', value: 3, ratio: 1.5 }] });
    expect(result.error).toBeUndefined();
    expect(errors).toEqual([]);
  });

  it('is not ok when one of the bars is missed', async () => {
    const { ended } = start(({ record }) => {
      record(metBar);
      record({ ...metBar, bar: { of: 'value', atMost: 41 } });
      return Promise.resolve();
    });
    const { result } = await ended;
    expect(result.ok).toBe(false);
    expect(result.figures.map(({ ok }) => ok)).toEqual([true, false]);
    expect(result.error).toBeUndefined();
  });

  it('does not take a benchmark that measured nothing for a success', async () => {
    const { result } = await start(() => Promise.resolve()).ended;
    expect(result).toMatchObject({ ok: false, error: { code: 'BENCH_NOTHING_MEASURED' } });
  });

  it('keeps the figures that were finished when the benchmark breaks, and cleans up', async () => {
    const cleaned: string[] = [];
    const { ended } = start(({ record, stack }) => {
      stack.defer(() => void cleaned.push('first started'));
      stack.defer(() => void cleaned.push('last started'));
      record(metBar);
      throw new TypeError('boom');
    });
    const { result } = await ended;
    expect(result).toMatchObject({
      ok: false,
      figures: [{ name: 'answers', value: 42 }],
      error: { code: 'INTERNAL', message: 'boom', hint: null },
    });
    expect(cleaned).toEqual(['last started', 'first started']);
  });

  it.each([
    [true, limits.quickMs],
    [false, limits.fullMs],
  ])(
    'ends at its deadline (quick: %s) even when the benchmark ignores it, and cleans up',
    async (quick, deadlineMs) => {
      let cleaned = false;
      const run = start(
        ({ stack, record }) => {
          stack.defer(() => {
            cleaned = true;
          });
          record(metBar);
          return never();
        },
        { quick },
      );
      await run.hasStarted;
      await run.clock.advance(deadlineMs + limits.stopMs - 1);
      expect(cleaned).toBe(false);
      await run.clock.advance(1);
      const { result } = await run.ended;
      expect(result).toMatchObject({
        ok: false,
        figures: [{ name: 'answers' }],
        error: { code: 'BENCH_TIMEOUT', message: `the benchmark did not end within ${deadlineMs} ms` },
      });
      expect(cleaned).toBe(true);
    },
  );

  it('lets a benchmark that is stopped finish what it is starting, then ends that too', async () => {
    const order: string[] = [];
    const run = start(async ({ signal, stack }) => {
      await new Promise((resolve) => {
        signal.addEventListener('abort', resolve);
      });
      await Promise.resolve();
      stack.defer(() => void order.push('ended'));
      order.push('started');
    });
    await run.hasStarted;
    run.stop.abort(new Error('stopped by hand'));
    const { result } = await run.ended;
    expect(order).toEqual(['started', 'ended']);
    expect(result.error?.message).toBe('stopped by hand');
  });

  it('blames the interruption, not what broke because of it', async () => {
    const run = start(({ stack }) => {
      stack.defer(() => {
        run.stop.abort(new Error('stopped by hand'));
      });
      return Promise.reject(new Error('socket hang up'));
    });
    const { result, errors } = await run.ended;
    expect(result.error?.message).toBe('stopped by hand');
    expect(errors).toMatchObject([{ message: 'stopped by hand' }, { message: 'socket hang up' }]);
  });

  it('waits for no clean-up that hangs', async () => {
    const run = start(({ stack, record }) => {
      stack.defer(never);
      record(metBar);
      return Promise.resolve();
    });
    await run.hasStarted;
    await run.clock.advance(limits.cleanUpMs);
    expect((await run.ended).result).toMatchObject({ ok: false, error: { code: 'BENCH_CLEANUP_FAILED' } });
  });

  it('hides neither what broke nor that cleaning up failed after it', async () => {
    const { ended } = start(({ stack }) => {
      stack.defer(() => {
        throw new Error('still busy');
      });
      return Promise.reject(new Error('boom'));
    });
    const { result, errors } = await ended;
    expect(result.error?.message).toBe('boom');
    expect(errors).toMatchObject([{ message: 'boom' }, { code: 'BENCH_CLEANUP_FAILED', message: /still busy/ }]);
  });
});
