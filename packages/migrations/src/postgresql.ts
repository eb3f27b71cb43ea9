export type { PostgresqlAddress } from './adapters/postgresql/postgresql-address.ts';
export { postgresqlDatabase, type PostgresqlDatabaseOptions } from './adapters/postgresql/postgresql-database.ts';
