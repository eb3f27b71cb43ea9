import { isMaestroError } from '@maestro/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { checkCycles, runInOrder, type Task } from './build-order.ts';

const task = (name: string, ...needs: readonly string[]): Task => ({ name, needs });
const options = { concurrency: 4, signal: undefined };

/** Tasks that need only tasks before them, and one that is not there. */
const orders = fc
  .array(fc.array(fc.nat(20), { maxLength: 3 }), { minLength: 1, maxLength: 12 })
  .map((needs) =>
    needs.map((some, index) => task(`t${index}`, 'missing', ...some.filter((n) => n < index).map((n) => `t${n}`))),
  );

describe('a cycle', () => {
  it('is refused with the way around', () => {
    const tasks = [task('web', 'api'), task('api', 'lib'), task('lib', 'db', 'api'), task('db')];
    expect(() => {
      checkCycles(tasks);
    }).toThrow('api -> lib -> api');
    expect(() => {
      checkCycles([task('a', 'a')]);
    }).toThrow(expect.toSatisfy((error) => isMaestroError(error, 'IMAGE_STORE_BUILD_CYCLE')));
  });

  it('is none where everything needs what was before it', () => {
    fc.assert(
      fc.property(orders, (tasks) => {
        checkCycles(tasks.toReversed());
      }),
    );
  });
});

describe('tasks', () => {
  it('begin after what they need, a few at once, and all of them end', async () => {
    await fc.assert(
      fc.asyncProperty(orders, fc.integer({ min: 1, max: 4 }), async (tasks, concurrency) => {
        const ended = new Set<string>();
        let running = 0;
        await runInOrder(
          tasks.toReversed(),
          async ({ name, needs }) => {
            running += 1;
            expect(running).toBeLessThanOrEqual(concurrency);
            for (const needed of needs) if (needed !== 'missing') expect(ended).toContain(needed);
            await new Promise((resolve) => setImmediate(resolve));
            running -= 1;
            ended.add(name);
          },
          { concurrency, signal: undefined },
        );
        expect(ended.size).toBe(tasks.length);
      }),
    );
  });

  it('run side by side where they can', async () => {
    const begun: string[] = [];
    let release: () => void = () => undefined;
    const all = new Promise<void>((resolve) => (release = resolve));
    await runInOrder(
      ['a', 'b', 'c', 'd'].map((name) => task(name)),
      async ({ name }) => {
        if (begun.push(name) === 4) release();
        await all;
      },
      options,
    );
    expect(begun).toEqual(['a', 'b', 'c', 'd']);
  });

  it('are aborted and awaited after a failure, and no other begins', async () => {
    const log: string[] = [];
    const run = runInOrder(
      [task('bad'), task('slow'), task('after', 'bad'), task('later', 'slow')],
      async ({ name }, signal) => {
        log.push(`${name} begins`);
        if (name === 'bad') throw new Error('broken');
        await new Promise<void>((resolve) => {
          signal.addEventListener('abort', () => setImmediate(resolve));
        });
        log.push(`${name} ends`);
        throw signal.reason;
      },
      options,
    );
    await expect(run).rejects.toThrow('broken');
    expect(log).toEqual(['bad begins', 'slow begins', 'slow ends']);
  });

  it('are given up with the reason of the caller', async () => {
    const controller = new AbortController();
    const run = runInOrder(
      [task('a'), task('b', 'a')],
      async (_, signal) => {
        controller.abort(new Error('enough'));
        await Promise.resolve();
        signal.throwIfAborted();
      },
      { concurrency: 1, signal: controller.signal },
    );
    await expect(run).rejects.toThrow('enough');
  });
});
