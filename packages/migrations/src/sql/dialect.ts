/** Whose rules the SQL of a migration is read by; MariaDB is read as MySQL. */
export type SqlDialect = 'mysql' | 'postgresql' | 'sqlite';
