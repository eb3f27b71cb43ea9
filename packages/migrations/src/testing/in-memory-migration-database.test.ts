import { describe, expect, it } from 'vitest';

import type { SqlDialect } from '../sql/dialect.ts';
import { InMemoryMigrationDatabase } from './in-memory-migration-database.ts';
import { migrationDatabaseContract } from './migration-database-contract.ts';
import { session, SessionUser } from './session-user.ts';

const kinds: readonly { readonly dialect: SqlDialect; readonly keeps: readonly ('steps' | 'transaction')[] }[] = [
  { dialect: 'sqlite', keeps: ['transaction'] },
  { dialect: 'postgresql', keeps: ['transaction', 'steps'] },
  { dialect: 'mysql', keeps: ['steps'] },
];

describe.each(kinds)('InMemoryMigrationDatabase with the dialect $dialect', ({ dialect, keeps }) => {
  const connect = () => {
    const database = new InMemoryMigrationDatabase({ dialect });
    return Promise.resolve({ one: database, other: database });
  };
  for (const { name, run } of migrationDatabaseContract({ connect, keeps })) it(name, run);
});

it('shows the statements that were committed, and no others', async () => {
  const database = new InMemoryMigrationDatabase();
  const user = new SessionUser({ one: database, other: database });
  await user.apply('0001_users');
  await session(database, async (open) => {
    const undone = await open.begin(user.attempt('0002_rights'));
    await undone.execute(user.statement('DROP TABLE users'));
    await undone.abandon();
  });
  expect(database.statements).toEqual(['SELECT 1']);
});
