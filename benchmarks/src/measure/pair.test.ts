import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { type PairedRound, takeTurns, type TurnOptions } from './pair.ts';

/** Notes the order; each measurement gives what `give` says. */
function turns(rounds: number, give: (who: 'ours' | 'peer', count: number) => number = () => 1) {
  const order: ('ours' | 'peer')[] = [];
  const seen: PairedRound[] = [];
  const measure = (who: 'ours' | 'peer') => () => {
    order.push(who);
    return Promise.resolve(give(who, order.filter((other) => other === who).length));
  };
  const options: TurnOptions = {
    name: 'throughput',
    rounds,
    ours: measure('ours'),
    peer: { name: 'other', measure: measure('peer') },
    signal: new AbortController().signal,
    onRound: (round) => seen.push(round),
  };
  return { options, order, seen };
}

describe('takeTurns', () => {
  it('lets ours and the peer go first by turns, after one of each to warm up', async () => {
    const { options, order } = turns(4);
    await takeTurns(options);
    expect(order.slice(0, 2)).toEqual(['ours', 'peer']);
    expect(order.slice(2)).toEqual(['ours', 'peer', 'peer', 'ours', 'ours', 'peer', 'peer', 'ours']);
  });

  it('takes every measurement for a round where nothing has to be warmed up', async () => {
    const { options, order } = turns(2);
    await takeTurns({ ...options, warmUp: false });
    expect(order).toEqual(['ours', 'peer', 'peer', 'ours']);
  });

  it('measures both once in every round, whatever the number of rounds', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 30 }), async (rounds) => {
        const { options, order } = turns(rounds);
        const taken = await takeTurns(options);
        expect(taken.map(({ round }) => round)).toEqual(Array.from({ length: rounds }, (_, index) => index + 1));
        for (let pair = 0; pair < order.length; pair += 2) {
          expect(order.slice(pair, pair + 2).sort()).toEqual(['ours', 'peer']);
        }
      }),
    );
  });

  it('throws the warm-up away, and gives each its own value whoever goes first', async () => {
    const { options, seen } = turns(2, (who, count) => (who === 'ours' ? 10 : 1000) * count);
    expect(await takeTurns(options)).toEqual([
      { round: 1, ours: 20, peer: 2000, ratio: 0.01 },
      { round: 2, ours: 30, peer: 3000, ratio: 0.01 },
    ]);
    expect(seen.map(({ round }) => round)).toEqual([1, 2]);
  });

  it('lets a machine that slows down favour ours in one round and the peer in the next', async () => {
    let speed = 1000;
    const { options } = turns(2, () => (speed -= 10));
    const [first, second] = await takeTurns(options);
    expect(first?.ratio).toBeGreaterThan(1);
    expect(second?.ratio).toBeLessThan(1);
  });

  it('refuses a ratio to nothing before it reports the round', async () => {
    const { options, seen } = turns(2, (who) => (who === 'ours' ? 5 : 0));
    await expect(takeTurns(options)).rejects.toMatchObject({
      code: 'BENCH_NOT_A_NUMBER',
      message: 'throughput: expected finite numbers, measured Infinity',
    });
    expect(seen).toEqual([]);
  });

  it('reports nothing that was still being measured when it was stopped', async () => {
    const stop = new AbortController();
    const { options, order, seen } = turns(5, (_, count) => {
      if (count === 3) stop.abort(new Error('stopped'));
      return 1;
    });
    await expect(takeTurns({ ...options, signal: stop.signal })).rejects.toThrow('stopped');
    expect(seen).toHaveLength(1);
    expect(order).toHaveLength(5);
  });
});
