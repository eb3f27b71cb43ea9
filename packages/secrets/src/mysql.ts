export { mysqlUsers, type MysqlUsersOptions } from './adapters/mysql-user/mysql-users.ts';
