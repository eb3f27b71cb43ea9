import { pathToFileURL } from 'node:url';

import { type Logger, messageOf } from '@maestro/core';

import type { MigrationDirection } from './events.ts';
import type { Migration, ScriptFile } from './files/load-folder.ts';
import type { MigrationDb, MigrationTransaction } from './ports/migration-database.ts';

/** What a TypeScript migration's `up` and `down` are called with. */
export interface MigrationContext {
  readonly db: MigrationDb;
  readonly logger: Logger;
}

/** One direction of a migration, ready to run. */
export interface Step {
  readonly path: string;
  run(context: StepContext): Promise<void>;
}

interface StepContext {
  readonly transaction: MigrationTransaction;
  readonly logger: Logger;
  readonly signal: AbortSignal | undefined;
}

/** A statement of a script failed. */
export class StatementError extends Error {
  readonly line: number;

  constructor(line: number, cause: unknown) {
    super(messageOf(cause), { cause });
    this.line = line;
  }
}

type MigrationFunction = (context: MigrationContext) => unknown;

/** Loads one direction of a migration; the reason in words where it has none that can be run. */
export async function loadStep(migration: Migration, direction: MigrationDirection): Promise<Step | string> {
  if (migration.kind === 'module') return loadModule(migration, direction);
  const script = migration[direction];
  if (script === undefined) return `there is no ${migration.name}.down.sql`;
  return script.statements.length === 0 ? `${migration.name}.down.sql has no statement` : scriptStep(script);
}

function scriptStep({ path, statements }: ScriptFile): Step {
  return {
    path,
    async run({ transaction, signal }) {
      for (const { sql, line } of statements) {
        signal?.throwIfAborted();
        try {
          await transaction.execute(sql);
        } catch (error) {
          throw new StatementError(line, error);
        }
      }
    },
  };
}

async function loadModule(
  { path, name, checksum }: Extract<Migration, { kind: 'module' }>,
  direction: MigrationDirection,
): Promise<Step | string> {
  const url = pathToFileURL(path);
  // Node keeps modules by URL: a file that was edited since is another module.
  url.searchParams.set('checksum', checksum);
  let exported: Partial<Record<MigrationDirection, unknown>>;
  try {
    exported = (await import(url.href)) as typeof exported;
  } catch (error) {
    return `${name} cannot be loaded: ${messageOf(error)}`;
  }
  const run = exported[direction];
  if (!isFunction(run)) return `${name} exports no function '${direction}'`;
  return {
    path,
    async run({ transaction, logger, signal }) {
      signal?.throwIfAborted();
      await unlessAborted(async () => {
        await run({ db: transaction.db, logger });
      }, signal);
    },
  };
}

function isFunction(value: unknown): value is MigrationFunction {
  return typeof value === 'function';
}

/** A migration takes the time it needs, but whoever started it can stop waiting for it. */
function unlessAborted(work: () => Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      reject(signal?.reason as Error);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    void work()
      .then(resolve, reject)
      .finally(() => signal?.removeEventListener('abort', onAbort));
  });
}
