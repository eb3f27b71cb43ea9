export { postgresqlUsers, type PostgresqlUsersOptions } from './adapters/postgresql-user/postgresql-users.ts';
