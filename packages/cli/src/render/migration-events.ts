import type { BatchEvent } from '@maestro/orchestrator';

import { formatDuration } from './times.ts';

/** Whether an event is about the migrations of a database; these and no others name one. */
export function isBatchEvent<Other extends object>(event: BatchEvent | Other): event is BatchEvent {
  return 'database' in event;
}

/** What happened on a database, in words; null for what would only fill a log, such as each statement and the hooks around each migration. */
export function describeBatch(event: BatchEvent): string | null {
  const { database } = event;
  switch (event.type) {
    case 'database-checked':
      return `check ${database}: ${event.planned === 0 ? 'up to date' : `${event.planned} to apply`}`;
    case 'database-refused':
      return `check ${database}: refused: ${event.error}`;
    case 'database-started':
      return `migrate ${database} …`;
    case 'database-finished':
      return `migrate ${database} … ${event.outcome}, ${event.applied} applied`;
    case 'migration-started':
      return `${verbs[event.direction]} ${database}: ${event.name} …`;
    case 'migration-applied':
      return `migrate ${database}: ${event.name} … ${formatDuration(event.durationMs)}`;
    case 'migration-reverted':
      return `revert ${database}: ${event.name} … ${formatDuration(event.durationMs)}`;
    case 'migration-failed':
      return `${verbs[event.direction]} ${database}: ${event.name} … failed: ${event.error}`;
    case 'waiting-for-lock':
      return `${database} waits up to ${formatDuration(event.timeoutMs)}: ${event.reason}`;
    case 'migration-adopted':
      return `adopt ${database}: ${event.name}, from ${event.from}`;
    case 'schema-dumped':
      return `dump ${database}: ${event.file}${event.changed ? '' : ', unchanged'}`;
    case 'hook-started':
      return event.name === null ? `hook ${database}: ${event.hook} …` : null;
    case 'hook-finished':
      return event.name === null ? `hook ${database}: ${event.hook} … ${formatDuration(event.durationMs)}` : null;
    case 'statement-applied':
      return null;
  }
}

const verbs = { up: 'migrate', down: 'revert' } as const;
