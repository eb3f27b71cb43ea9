import type { InstanceAddress, InstanceKey } from './runtime.ts';

/** Which place in a slot is asked for. */
export interface PlaceInSlot extends InstanceKey {
  /** From 0 on. */
  readonly replica: number;
  /** Where the service listens in its container. */
  readonly port: number;
}

/**
 * Where the replicas of a slot answer, as seen from the router: handed out once, before any of them starts, and kept, so that
 * a router is told only once and adding a service moves no other one's.
 */
export interface SlotAddresses {
  /** One address for each place, in the same order; the same ones at every call. */
  addressesOf(places: readonly PlaceInSlot[]): Promise<readonly InstanceAddress[]>;
}
