/** How the daemon's process ends, for the one that started it. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  /** Another daemon has the state folder. */
  heldElsewhere: 3,
} as const;
