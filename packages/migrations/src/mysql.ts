export type { MysqlAddress } from './adapters/mysql/mysql-address.ts';
export { mysqlDatabase, type MysqlDatabaseOptions } from './adapters/mysql/mysql-database.ts';
