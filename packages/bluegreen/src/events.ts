import type { Slot } from './slots.ts';

/** What happens to one slot. */
export type BlueGreenEvent =
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
    };
