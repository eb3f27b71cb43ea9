import { describe, it } from 'vitest';

import { loginDatabaseContract } from './login-database-contract.ts';
import { MemoryLoginDatabase } from './memory-login-database.ts';

describe('keeps the contract of a database whose passwords are rotated', () => {
  const create = (passwords: Readonly<Record<string, string>>) =>
    Promise.resolve({ database: new MemoryLoginDatabase(passwords), nameOf: (user: string) => user });
  for (const { name, run } of loginDatabaseContract(create)) it(name, run);
});
