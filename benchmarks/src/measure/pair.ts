import type { PairOptions } from '../benchmark.ts';
import { requireFinite } from './finite.ts';

export interface PairedRound {
  /** From 1 on. */
  readonly round: number;
  readonly ours: number;
  readonly peer: number;
  readonly ratio: number;
}

export interface TurnOptions extends Pick<PairOptions, 'name' | 'rounds' | 'warmUp' | 'ours' | 'peer'> {
  readonly signal: AbortSignal;
  readonly onRound: (round: PairedRound) => void;
}

/**
 * Measures both in each round: ours, peer, peer, ours, … A machine that becomes slower meanwhile hits both alike.
 * One measurement of each goes before and is thrown away, unless `warmUp` is false.
 */
export async function takeTurns(options: TurnOptions): Promise<readonly PairedRound[]> {
  const { name, rounds, warmUp = true, ours, peer, signal, onRound } = options;
  const take = async (measure: () => Promise<number>): Promise<number> => {
    signal.throwIfAborted();
    const value = await measure();
    // One that went on regardless reports nothing after the end.
    signal.throwIfAborted();
    return value;
  };

  if (warmUp) {
    await take(ours);
    await take(peer.measure);
  }
  const taken: PairedRound[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const oursFirst = round % 2 === 1;
    const first = await take(oursFirst ? ours : peer.measure);
    const second = await take(oursFirst ? peer.measure : ours);
    const [mine, theirs] = oursFirst ? [first, second] : [second, first];
    const turn = { round, ours: mine, peer: theirs, ratio: mine / theirs };
    requireFinite(name, [turn.ours, turn.peer, turn.ratio]);
    onRound(turn);
    taken.push(turn);
  }
  return taken;
}
