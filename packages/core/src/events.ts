import { type Clock, isoTime } from './clock.ts';
import type { Logger } from './logger.ts';
import { messageOf } from './maestro-error.ts';

/** An event with the time it was sent, ISO 8601 in UTC. */
export type Timed<Event> = Event & { readonly at: string };

/** Receives progress; what it throws is logged and changes nothing. */
export type Observer<Event> = (event: Timed<Event>) => void;

export interface EmitterOptions<Event> {
  readonly onEvent: Observer<Event> | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Makes the function a package sends its events with: stamps the time and shields the work from the observer. */
export function createEmitter<Event extends { readonly type: string }>(
  options: EmitterOptions<Event>,
): (event: Event) => void {
  const { onEvent, clock, logger } = options;
  return (event) => {
    try {
      onEvent?.({ ...event, at: isoTime(clock) });
    } catch (error) {
      logger.warn('an event observer threw', { event: event.type, error: messageOf(error) });
    }
  };
}
