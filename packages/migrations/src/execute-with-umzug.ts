import type { MigrationDirection } from './events.ts';

interface UmzugCall {
  readonly name: string;
  readonly path: string;
  readonly direction: MigrationDirection;
  readonly work: () => Promise<void>;
}

/** Has umzug execute the one migration that was chosen for it; throws what the migration threw. */
export type Execute = (call: UmzugCall) => Promise<void>;

/** Loads umzug only when there is something to execute: its entry brings a whole command line with it. */
export async function loadUmzug(): Promise<Execute> {
  const { MigrationError, Umzug } = await import('umzug');
  return async ({ name, path, direction, work }) => {
    const umzug = new Umzug({
      migrations: [{ name, path, up: work, down: work }],
      // The history row is written within the migration's transaction; recording it here would come too late.
      storage: {
        executed: () => Promise.resolve(direction === 'up' ? [] : [name]),
        logMigration: nothing,
        unlogMigration: nothing,
      },
      logger: undefined,
    });
    try {
      await umzug[direction]({ migrations: [name] });
    } catch (error) {
      throw error instanceof MigrationError ? error.cause : error;
    }
  };
}

function nothing(): Promise<void> {
  return Promise.resolve();
}
