import { pathToFileURL } from 'node:url';

import { isMaestroError, type Logger, messageOf } from '@maestro/core';

import type { MigrationDirection } from './events.ts';
import type { Directives } from './files/directives.ts';
import type { Migration, ScriptFile } from './files/load-folder.ts';
import { statementHashes } from './files/statement-hashes.ts';
import type { MigrationAttempt, MigrationDb } from './ports/migration-database.ts';
import { trackedDb } from './tracked-db.ts';
import { unlessAborted } from './unless-aborted.ts';

/** What a TypeScript migration's `up` and `down` are called with. */
export interface MigrationContext {
  readonly db: MigrationDb;
  readonly logger: Logger;
}

/** One direction of a migration, ready to run. */
export interface Step {
  readonly path: string;
  readonly directives: Directives;
  /** For each of its statements, over it and those before it; a module is one statement. */
  readonly hashes: readonly string[];
  run(context: StepContext): Promise<void>;
}

interface StepContext {
  readonly attempt: MigrationAttempt;
  /** How many statements were done before. */
  readonly done: number;
  readonly logger: Logger;
  readonly signal: AbortSignal | undefined;
  readonly onStatement: (number: number) => void;
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
  const { name, directives } = migration;
  if (direction === 'down' && directives.irreversible !== undefined) {
    return `${name} is irreversible: ${directives.irreversible}`;
  }
  if (migration.kind === 'module') return loadModule(migration, direction);
  const script = migration[direction];
  if (script === undefined) return `there is no ${name}.down.sql`;
  return script.statements.length === 0 ? `${name}.down.sql has no statement` : scriptStep(script);
}

function scriptStep({ path, directives, statements }: ScriptFile): Step {
  const hashes = statementHashes(statements);
  return {
    path,
    directives,
    hashes,
    async run({ attempt, done, signal, onStatement }) {
      for (const [index, { sql, line }] of statements.entries()) {
        if (index < done) continue;
        signal?.throwIfAborted();
        try {
          await attempt.execute({
            sql,
            number: index + 1,
            hash: hashes[index] ?? '',
            hashBefore: hashes[index - 1] ?? '',
          });
        } catch (error) {
          // The others are about the run, not about the statement.
          throw isMaestroError(error) ? error : new StatementError(line, error);
        }
        onStatement(index + 1);
      }
    },
  };
}

async function loadModule(
  migration: Extract<Migration, { kind: 'module' }>,
  direction: MigrationDirection,
): Promise<Step | string> {
  const { path, name, checksum, directives } = migration;
  const url = pathToFileURL(path);
  // Node keeps modules by URL: a file that was edited since is another module.
  url.searchParams.set('checksum', checksum);
  let exported: Record<string, unknown>;
  try {
    exported = (await import(url.href)) as typeof exported;
  } catch (error) {
    return `${name} cannot be loaded: ${messageOf(error)}`;
  }
  const run = exported[direction];
  if (!isFunction(run)) return `${name} exports no function '${direction}'`;
  const unreadable = unreadableDirective(exported, directives);
  if (unreadable !== undefined) {
    return `${name} exports '${unreadable}' in another way than export const ${unreadable} = <a plain value>`;
  }
  return { path, directives, hashes: [checksum], run: moduleRun(run, { sql: `${direction}() of ${name}`, checksum }) };
}

function moduleRun(run: MigrationFunction, { sql, checksum }: { readonly sql: string; readonly checksum: string }) {
  return async ({ attempt, done, logger, signal, onStatement }: StepContext): Promise<void> => {
    if (done > 0) return;
    signal?.throwIfAborted();
    await attempt.call({ sql, number: 1, hash: checksum, hashBefore: '' }, async (db) => {
      const tracked = trackedDb(db);
      await unlessAborted(async () => {
        await run({ db: tracked.db, logger });
        await tracked.settled();
      }, signal);
    });
    onStatement(1);
  };
}

/** Directives are read from the text, so that nothing runs to find them: what it exports must be the same. */
function unreadableDirective(exported: Readonly<Record<string, unknown>>, directives: Directives): string | undefined {
  return Object.entries(directives).find(([name, read]) => name in exported && exported[name] !== read)?.[0];
}

function isFunction(value: unknown): value is MigrationFunction {
  return typeof value === 'function';
}
