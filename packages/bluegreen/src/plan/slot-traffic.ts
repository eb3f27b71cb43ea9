import type { SlotTraffic } from '../ports/traffic.ts';

/** What a slot answered in which nothing was asked. */
export const noTraffic: SlotTraffic = { requests: 0, errors: 0, durations: [] };

/** What a slot answered in several spans of time together. */
export function sumOf(parts: readonly SlotTraffic[]): SlotTraffic {
  const durations = new Map<number, number>();
  for (const { upToMs, requests } of parts.flatMap((part) => part.durations)) {
    durations.set(upToMs, (durations.get(upToMs) ?? 0) + requests);
  }
  return {
    requests: parts.reduce((sum, { requests }) => sum + requests, 0),
    errors: parts.reduce((sum, { errors }) => sum + errors, 0),
    durations: [...durations]
      .map(([upToMs, requests]) => ({ upToMs, requests }))
      .sort((one, two) => one.upToMs - two.upToMs),
  };
}
