import { describe, expect, it } from 'vitest';

import { InMemoryMigrationDatabase } from './in-memory-migration-database.ts';
import { migrationDatabaseContract } from './migration-database-contract.ts';

describe('InMemoryMigrationDatabase', () => {
  const contract = migrationDatabaseContract(() => {
    const database = new InMemoryMigrationDatabase();
    return Promise.resolve({ one: database, other: database });
  });
  for (const { name, run } of contract) it(name, run);

  it('shows the statements that were committed, and no others', async () => {
    const database = new InMemoryMigrationDatabase();
    const kept = await database.begin();
    await kept.execute('CREATE TABLE users (id INTEGER)');
    await kept.commit();
    const undone = await database.begin();
    undone.db.execute('DROP TABLE users');
    await undone.rollback();
    expect(database.statements).toEqual(['CREATE TABLE users (id INTEGER)']);
  });
});
