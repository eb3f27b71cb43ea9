import type { OnlineClause, Operation } from '../operations.ts';
import { alterTable, onlineClause } from './alter-mysql.ts';
import {
  createTrigger,
  creating,
  creatingIndex,
  ddl,
  deleting,
  dropping,
  dropTables,
  harmlessDdl,
  noDdl,
  type Reader,
  transactionControl,
  updating,
} from './common-statements.ts';
import type { StatementReaders } from './statement-readers.ts';
import { TokenReader } from './token-reader.ts';

const alter: Reader = (reader) => {
  const { operations, online } = alterTable(reader);
  return { operations, isDdl: true, online };
};

/** CREATE INDEX and DROP INDEX take their clauses at the end. */
const withOnlineClause =
  (read: Reader): Reader =>
  (reader, at) => {
    const rest = reader.rest();
    const isClause = (text: string) => /^(ALGORITHM|LOCK)$/i.test(text);
    let online: OnlineClause = { algorithm: undefined, lock: undefined };
    for (const [index, { text }] of rest.entries()) {
      if (isClause(text)) online = { ...online, ...onlineClause(new TokenReader(rest.slice(index))) };
    }
    const end = rest.findIndex(({ text }) => isClause(text));
    return { ...read(new TokenReader(end === -1 ? rest : rest.slice(0, end)), at), online };
  };

const specialIndex =
  (kind: string): Reader =>
  (reader, at) => {
    reader.name();
    reader.takeIf('ON');
    return ddl([{ kind: 'rebuild-table', table: reader.qualifiedName(), by: `a ${kind} index`, at }]);
  };

const dropIndex: Reader = (reader, at) => {
  reader.takeIf('IF', 'EXISTS');
  const name = reader.name();
  const table = reader.takeIf('ON') ? reader.qualifiedName() : undefined;
  return ddl([{ kind: 'drop-index', name, table, concurrently: false, at }]);
};

const renameTables: Reader = (reader, at) => {
  const operations: Operation[] = [];
  do {
    const table = reader.qualifiedName();
    reader.takeIf('TO');
    operations.push({ kind: 'rename-table', table, to: reader.qualifiedName(), at });
  } while (reader.takeIf(','));
  return ddl(operations);
};

const truncate: Reader = (reader, at) => {
  reader.takeIf('TABLE');
  return ddl([{ kind: 'truncate', tables: [reader.qualifiedName()], cascade: false, at }]);
};

/** `SET SESSION foreign_key_checks = 0`, one variable at a time. */
const set: Reader = (reader, at) => {
  reader.takeOneOf('SESSION', 'LOCAL', '@@SESSION');
  const written = reader.name();
  const name = written.replace(/^@@(session\.|local\.)?/, '');
  reader.takeOneOf('=', ':=');
  const value = reader.take().toUpperCase().replace(/^OFF$/, '0');
  const isKnown = reader.isDone && written !== 'global' && !written.startsWith('@@global');
  return isKnown
    ? { operations: [{ kind: 'set-setting', name, value, at }], isDdl: false }
    : { operations: [{ kind: 'unclear', what: 'SET of anything but one session variable', at }], isDdl: false };
};

const optimize: Reader = (reader, at) =>
  ddl([{ kind: 'rebuild-table', table: reader.qualifiedName(), by: 'OPTIMIZE TABLE', at }]);
const lockTables: Reader = (reader, at) => ({
  operations: [{ kind: 'lock-table', table: reader.qualifiedName(), at }],
  isDdl: false,
});
const dropDatabase: Reader = (reader, at) => {
  reader.takeIf('IF', 'EXISTS');
  return ddl([{ kind: 'drop-database', name: reader.name(), at }]);
};
const revoke: Reader = (_, at) => ddl([{ kind: 'revoke-access', what: 'a privilege', at }]);

export const mysqlStatements: StatementReaders = {
  'ALTER TABLE': alter,
  'ALTER ONLINE TABLE': alter,
  'ALTER IGNORE TABLE': alter,
  'ANALYZE TABLE': noDdl,
  BEGIN: transactionControl('BEGIN'),
  COMMIT: transactionControl('COMMIT'),
  'CREATE DATABASE': harmlessDdl,
  'CREATE EVENT': harmlessDdl,
  'CREATE FULLTEXT INDEX': withOnlineClause(specialIndex('FULLTEXT')),
  'CREATE FUNCTION': harmlessDdl,
  'CREATE INDEX': withOnlineClause(creatingIndex(false)),
  'CREATE OR REPLACE VIEW': harmlessDdl,
  'CREATE PROCEDURE': harmlessDdl,
  'CREATE SCHEMA': harmlessDdl,
  'CREATE SPATIAL INDEX': withOnlineClause(specialIndex('SPATIAL')),
  'CREATE TABLE': creating('mysql'),
  'CREATE TEMPORARY TABLE': creating('mysql'),
  'CREATE TRIGGER': createTrigger,
  'CREATE UNIQUE INDEX': withOnlineClause(creatingIndex(true)),
  'CREATE USER': harmlessDdl,
  'CREATE VIEW': harmlessDdl,
  DELETE: deleting,
  'DROP DATABASE': dropDatabase,
  'DROP EVENT': dropping('event'),
  'DROP FUNCTION': dropping('function'),
  'DROP INDEX': withOnlineClause(dropIndex),
  'DROP PROCEDURE': dropping('procedure'),
  'DROP SCHEMA': dropDatabase,
  'DROP TABLE': dropTables,
  'DROP TEMPORARY TABLE': harmlessDdl,
  'DROP TRIGGER': dropping('trigger'),
  'DROP USER': dropping('user'),
  'DROP VIEW': dropping('view'),
  EXPLAIN: noDdl,
  GRANT: harmlessDdl,
  INSERT: noDdl,
  'LOCK TABLE': lockTables,
  'LOCK TABLES': lockTables,
  'OPTIMIZE TABLE': optimize,
  'RENAME TABLE': renameTables,
  REPLACE: noDdl,
  REVOKE: revoke,
  ROLLBACK: transactionControl('ROLLBACK'),
  'ROLLBACK TO': noDdl,
  SAVEPOINT: noDdl,
  SELECT: noDdl,
  SET: set,
  'SET NAMES': noDdl,
  SHOW: noDdl,
  'START TRANSACTION': transactionControl('START TRANSACTION'),
  TRUNCATE: truncate,
  'UNLOCK TABLE': noDdl,
  'UNLOCK TABLES': noDdl,
  UPDATE: updating,
};
