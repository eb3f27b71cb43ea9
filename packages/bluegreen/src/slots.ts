/** The two places of a service in an environment; one is live, the other idle. */
export type Slot = 'blue' | 'green';

export function otherSlot(slot: Slot): Slot {
  return slot === 'blue' ? 'green' : 'blue';
}

/** A service's place, as it is named in files, logs and counters: `api.green`. */
export function slotName(key: { readonly service: string; readonly slot: Slot }): string {
  return `${key.service}.${key.slot}`;
}
