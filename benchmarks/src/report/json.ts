import type { RunEvent } from '../run-events.ts';

/** The result is exactly what it says; the lines before it also tell when. */
export function jsonLine(event: RunEvent, at: string): string {
  if (event.type === 'result') return JSON.stringify(event);
  const { type, ...rest } = event;
  return JSON.stringify({ type, at, ...rest });
}
