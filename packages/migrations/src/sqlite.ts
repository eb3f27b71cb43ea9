export { sqliteDatabase, type SqliteDatabaseOptions } from './adapters/sqlite/sqlite-database.ts';
