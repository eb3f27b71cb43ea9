export { InMemoryMigrationDatabase } from './testing/in-memory-migration-database.ts';
export { migrationDatabaseContract, type TwoConnections } from './testing/migration-database-contract.ts';
