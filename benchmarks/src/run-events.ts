import type { Machine } from './machine.ts';
import type { Figure } from './measure/figure.ts';

/** What a run says while it goes on; with --json each is a line. */
export type RunEvent =
  | MachineEvent
  | {
      readonly type: 'round';
      readonly figure: string;
      readonly round: number;
      readonly rounds: number;
      readonly unit: string;
      readonly value: number;
      readonly peer: { readonly name: string; readonly value: number };
      readonly ratio: number;
    }
  | RunResult;

/** The first one. */
export interface MachineEvent extends Machine {
  readonly type: 'machine';
  readonly benchmark: string;
  readonly quick: boolean;
  /** The versions of what is compared with. */
  readonly peers: Readonly<Record<string, string>>;
}

/** The last one. */
export interface RunResult {
  readonly type: 'result';
  readonly ok: boolean;
  readonly figures: readonly Figure[];
  /** Only where the benchmark broke; the figures are those it had finished. */
  readonly error?: { readonly code: string; readonly message: string; readonly hint: string | null };
}
