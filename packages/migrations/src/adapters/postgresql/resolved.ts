import type { UnfinishedMigration } from '../../ports/migration-database.ts';
import { concurrentIndex } from '../../sql/outside-transaction.ts';
import { parseScript } from '../../sql/statements.ts';
import { findIndex, type Looking, objectNamed } from './concurrent-indexes.ts';

/** Looks at the database to tell whether a statement was done of which nobody knows; not everything can be seen there. */
export async function resolved(looking: Looking, unfinished: UnfinishedMigration): Promise<UnfinishedMigration> {
  const { unknown, done } = unfinished;
  if (unknown === undefined) return unfinished;
  const isDone = await wasDone(looking, parseScript(unknown.sql, 'postgresql').statements[0]?.tokens ?? []);
  if (isDone === undefined) return unfinished;
  return isDone
    ? { ...unfinished, done: done + 1, hash: unknown.hash, unknown: undefined }
    : { ...unfinished, unknown: undefined };
}

async function wasDone(looking: Looking, tokens: readonly string[]): Promise<boolean | undefined> {
  const index = concurrentIndex(tokens);
  if (index !== undefined) return (await findIndex(looking, index))?.isValid === true;
  const dropped = droppedIndex(tokens);
  if (dropped === undefined) return undefined;
  const [found] = await looking.connection.ask(`SELECT ${objectNamed(dropped, looking.schema)} IS NULL AS is_gone`);
  return found?.rows[0]?.is_gone === true;
}

/** The one index of a DROP INDEX CONCURRENTLY, as it is written. */
function droppedIndex(tokens: readonly string[]): string | undefined {
  const statement = tokens.filter((token) => token !== ';');
  const words = statement.map((token) => token.toUpperCase());
  if (words[0] !== 'DROP' || words[1] !== 'INDEX' || words[2] !== 'CONCURRENTLY') return undefined;
  const name = statement
    .slice(words[3] === 'IF' ? 5 : 3)
    .filter((_, at) => !/^(CASCADE|RESTRICT)$/.test(words[at] ?? ''));
  return name.includes(',') ? undefined : name.join('');
}
