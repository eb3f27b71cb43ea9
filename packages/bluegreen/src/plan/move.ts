import type { Instance, InstanceLabels } from '../ports/runtime.ts';
import type { Slot } from '../slots.ts';

/**
 * How a service gets from one version to the next. `blue-green`: beside what is live, then its traffic moves. `worker`:
 * it gets no traffic; its successor starts beside it or after it has ended. `recreate`: it gets traffic and cannot run
 * twice, so it is taken out of the traffic and ends before its successor starts; nobody answers in between.
 */
export type Strategy =
  | { readonly kind: 'blue-green' }
  | { readonly kind: 'worker'; readonly successor: 'beside' | 'after' }
  | { readonly kind: 'recreate' };

/** What a service should become. */
export interface WantedInstance extends Pick<InstanceLabels, 'digest' | 'configHash'> {
  readonly service: string;
  /** `blue-green` by default. */
  readonly strategy?: Strategy | undefined;
}

/** The other instance of the service, which a move ends: `before` the new one starts, or `after` the switch. */
export interface Ending {
  readonly slot: Slot;
  readonly when: 'before' | 'after';
}

interface MoveOfService {
  readonly service: string;
  readonly slot: Slot;
  readonly reason: string;
  /** Whether the slot gets traffic; workers get none. */
  readonly traffic: boolean;
  readonly ends: Ending | null;
}

/**
 * What a release does to one service. `keep`: what is wanted runs already. `start`: a new instance, in place of
 * `replaces` where that one still runs, `from` one that was stopped there or from its image. `reuse`: the idle slot
 * already runs what is wanted. `remove`: it is no longer wanted.
 */
export type Move =
  | (MoveOfService & { readonly kind: 'keep' | 'reuse' | 'remove' })
  | (MoveOfService & {
      readonly kind: 'start';
      readonly replaces: Instance | null;
      readonly from: 'stopped' | 'image';
    });

/** What is in each slot of one service. */
export type Slots = Readonly<Record<Slot, Instance | null>>;
