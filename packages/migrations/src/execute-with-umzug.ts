import type { MigrationDirection } from './events.ts';

interface UmzugRun {
  readonly direction: MigrationDirection;
  /** In the order of the run. */
  readonly migrations: readonly UmzugMigration[];
}

interface UmzugMigration {
  readonly name: string;
  readonly path: string;
  readonly work: () => Promise<void>;
}

/** Has umzug execute the migrations that were chosen for it, one after the other; throws what the first one threw. */
export type Execute = (run: UmzugRun) => Promise<void>;

/** Loads umzug only when there is something to execute: its entry brings a whole command line with it. */
export async function loadUmzug(): Promise<Execute> {
  const { MigrationError, Umzug } = await import('umzug');
  return async ({ direction, migrations }) => {
    const names = migrations.map(({ name }) => name);
    const umzug = new Umzug({
      migrations: migrations.map(({ name, path, work }) => ({ name, path, up: work, down: work })),
      // The history row is written within the migration's transaction; recording it here would come too late.
      storage: {
        executed: () => Promise.resolve(direction === 'up' ? [] : names),
        logMigration: nothing,
        unlogMigration: nothing,
      },
      logger: undefined,
    });
    try {
      await umzug[direction]({ migrations: names });
    } catch (error) {
      throw error instanceof MigrationError ? error.cause : error;
    }
  };
}

function nothing(): Promise<void> {
  return Promise.resolve();
}
