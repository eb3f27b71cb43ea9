import type { Finding } from './plan/judge.ts';
import type { Slot } from './slots.ts';

/** What happens to a slot, or to the new versions of some services together. */
export type BlueGreenEvent = SlotEvent | VersionsEvent;

type SlotEvent =
  | { readonly type: 'probe-failed'; readonly service: string; readonly slot: Slot; readonly detail: string }
  | {
      readonly type: 'healthy';
      readonly service: string;
      readonly slot: Slot;
      readonly attempts: number;
      readonly elapsedMs: number;
    }
  | {
      readonly type: 'draining';
      readonly service: string;
      readonly slot: Slot;
      readonly requests: number;
      readonly connections: number;
    }
  | {
      readonly type: 'drained';
      readonly service: string;
      readonly slot: Slot;
      /** Requests and connections that were still open at the deadline. */
      readonly cut: number;
      readonly elapsedMs: number;
    }
  | {
      /** What the slot does worse than the version before it. */
      readonly type: 'found-worse';
      readonly service: string;
      readonly slot: Slot;
      readonly kind: Finding['kind'];
      readonly detail: string;
    };

type VersionsEvent =
  | {
      readonly type: 'canary-step';
      readonly services: readonly string[];
      /** Of a hundred requests for each of them. */
      readonly percent: number;
      readonly forMs: number;
    }
  | {
      /** A canary step is over, and these services had too few requests in it to be judged by. */
      readonly type: 'canary-unjudged';
      readonly services: readonly string[];
      readonly percent: number;
    }
  | { readonly type: 'bake-started'; readonly services: readonly string[]; readonly bakeMs: number }
  | {
      readonly type: 'bake-finished';
      readonly services: readonly string[];
      /** Those of them that had too few requests to be judged by. */
      readonly unjudged: readonly string[];
    }
  | {
      readonly type: 'switched-back';
      readonly services: readonly string[];
      /** The number of the generation that this made. */
      readonly generation: number;
    };
