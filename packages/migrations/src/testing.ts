export {
  InMemoryMigrationDatabase,
  type InMemoryMigrationDatabaseOptions,
} from './testing/in-memory-migration-database.ts';
export { type ContractOptions, migrationDatabaseContract } from './testing/migration-database-contract.ts';
export type { TwoConnections } from './testing/session-user.ts';
