import type { Context } from './benchmark.ts';
import { type Figure, pairedFigure, recordedFigure, type Samples } from './measure/figure.ts';
import { takeTurns } from './measure/pair.ts';
import type { RunEvent } from './run-events.ts';

export interface ContextOptions extends Pick<Context, 'quick' | 'signal' | 'stack'> {
  readonly report: (event: RunEvent) => void;
  readonly onFigure: (figure: Figure, samples: Samples) => void;
}

export function openContext({ quick, signal, stack, report, onFigure }: ContextOptions): Context {
  return {
    quick,
    signal,
    stack,
    async pair(options) {
      const { name, unit, rounds, peer } = options;
      const taken = await takeTurns({
        ...options,
        signal,
        onRound: (turn) => {
          report({
            type: 'round',
            figure: name,
            round: turn.round,
            rounds,
            unit,
            value: turn.ours,
            peer: { name: peer.name, value: turn.peer },
            ratio: turn.ratio,
          });
        },
      });
      onFigure(pairedFigure(options, taken), {
        ours: taken.map(({ ours }) => ours),
        peer: taken.map(({ peer }) => peer),
      });
    },
    record(options) {
      signal.throwIfAborted();
      onFigure(recordedFigure(options), { ours: options.samples, peer: null });
    },
  };
}
