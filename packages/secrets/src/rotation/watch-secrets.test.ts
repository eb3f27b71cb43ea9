import { ManualClock, RecordingLogger } from '@maestro/core/testing';
import { describe, expect, it } from 'vitest';

import { type ChangedSecret, watchSecrets, type WatchSecretsOptions } from '../index.ts';
import { MemorySecretStore } from '../testing.ts';

const intervalMs = 1000;
/** The longest pause between two looks. */
const surely = 1.5 * intervalMs;

function watching(options: Partial<WatchSecretsOptions> = {}) {
  const store = new MemorySecretStore({ A: 'alpha', B: 'beta' });
  const clock = new ManualClock();
  const logger = new RecordingLogger();
  const told: (readonly ChangedSecret[])[] = [];
  const onChange = (changes: readonly ChangedSecret[]) => void told.push(changes);
  const watch = watchSecrets({ store, names: ['A', 'B'], onChange, intervalMs, clock, logger, ...options });
  return { store, clock, logger, told, watch };
}

describe('a watch', () => {
  it('tells of each new version once, by name and without a value', async () => {
    const { store, clock, told, watch } = watching();
    await clock.advance(10 * intervalMs);
    expect(told).toEqual([]);
    store.set('A', 'changed');
    await clock.advance(10 * intervalMs);
    expect(told).toEqual([[{ name: 'A', version: 'v2', before: 'v1' }]]);
    await watch[Symbol.asyncDispose]();
  });

  it('tells of what has changed since the versions that its consumer knows', async () => {
    const { clock, told, watch } = watching({ versions: { A: 'v0', B: 'v1' } });
    await clock.advance(0);
    expect(told).toEqual([[{ name: 'A', version: 'v1', before: 'v0' }]]);
    await watch[Symbol.asyncDispose]();
  });

  it('pauses for half of the interval at least and one and a half at most', async () => {
    const { store, clock, watch } = watching();
    const at: number[] = [];
    let looks = 0;
    for (let elapsed = 0; elapsed < 200 * intervalMs; elapsed += 10) {
      await clock.advance(10);
      if (store.batches.length > looks) at.push(clock.now());
      looks = store.batches.length;
    }
    const pauses = at.slice(1).map((time, index) => time - (at[index] ?? 0));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(0.5 * intervalMs - 10);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(surely + 10);
    expect(new Set(pauses).size).toBeGreaterThan(20);
    await watch[Symbol.asyncDispose]();
  });

  it('never looks again before its consumer is ready', async () => {
    let finish: () => void = () => undefined;
    const onChange = () =>
      new Promise<void>((resolve) => {
        finish = resolve;
      });
    const { store, clock, watch } = watching({ onChange, versions: { A: 'v0' } });
    await clock.advance(100 * intervalMs);
    expect(store.batches).toHaveLength(1);
    finish();
    await clock.advance(surely);
    expect(store.batches.length).toBeGreaterThan(1);
    await watch[Symbol.asyncDispose]();
  });

  it('tells again of what its consumer failed with', async () => {
    let times = 0;
    const onChange = () => {
      times += 1;
      if (times < 3) throw new Error('not ready');
    };
    const { clock, logger, watch } = watching({ onChange, versions: { A: 'v0' } });
    await clock.advance(20 * intervalMs);
    expect(times).toBe(3);
    expect(logger.lines.filter(({ level }) => level === 'warn')).toHaveLength(2);
    await watch[Symbol.asyncDispose]();
  });

  it('goes on with the other secrets while one cannot be read, and tells of that one later', async () => {
    const { store, clock, told, logger, watch } = watching();
    await clock.advance(0);
    store.fail('A', 'denied');
    store.set('A', 'changed');
    store.set('B', 'changed');
    await clock.advance(surely);
    expect(told.flat().map(({ name }) => name)).toEqual(['B']);
    expect(logger.lines[0]).toMatchObject({ level: 'warn', fields: { failed: ['A: denied'] } });
    store.heal('A');
    await clock.advance(8 * surely);
    expect(told.flat().map(({ name }) => name)).toEqual(['B', 'A']);
    await watch[Symbol.asyncDispose]();
  });

  it('looks less often while looks fail, but at least at every twelfth interval, and as before once they do not', async () => {
    const { store, clock, watch } = watching({ names: ['NOT_THERE'] });
    await clock.advance(1000 * intervalMs);
    const failing = store.batches.length;
    expect(failing).toBeGreaterThanOrEqual(1000 / 12);
    expect(failing).toBeLessThanOrEqual(1000 / 4 + 4);
    store.set('NOT_THERE', 'there now');
    await clock.advance(12 * intervalMs);
    const before = store.batches.length;
    await clock.advance(100 * intervalMs);
    expect(store.batches.length - before).toBeGreaterThanOrEqual(60);
    await watch[Symbol.asyncDispose]();
  });

  it('gives up a look that gets no answer', async () => {
    let looks = 0;
    const silent = { name: 'silent', fetch: () => ((looks += 1), new Promise<never>(() => undefined)) };
    const { clock, logger, watch } = watching({ store: silent, deadlineMs: 500 });
    await clock.advance(500 + 2 * surely);
    expect(looks).toBe(2);
    expect(logger.lines[0]).toMatchObject({ level: 'warn', fields: { error: 'SECRETS_UNAVAILABLE' } });
    await watch[Symbol.asyncDispose]();
  });

  it('ends with its signal, and waits for its consumer when it is disposed of', async () => {
    const stop = new AbortController();
    const { watch } = watching({ signal: stop.signal });
    stop.abort();
    await watch.ended;

    let isDone = false;
    const onChange = async (_: unknown, { signal }: { readonly signal: AbortSignal }) => {
      await new Promise((resolve) => {
        signal.addEventListener('abort', resolve);
      });
      await Promise.resolve();
      isDone = true;
    };
    const other = watching({ onChange, versions: { A: 'v0' } });
    await other.clock.advance(0);
    await other.watch[Symbol.asyncDispose]();
    expect(isDone).toBe(true);
  });
});
