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
import { addColumn } from './tables.ts';

const alterTable: Reader = (reader, at) => {
  const table = reader.qualifiedName();
  if (reader.takeIf('RENAME', 'TO')) return ddl([{ kind: 'rename-table', table, to: reader.qualifiedName(), at }]);
  if (reader.takeIf('RENAME')) {
    reader.takeIf('COLUMN');
    const column = reader.name();
    reader.takeIf('TO');
    return ddl([{ kind: 'rename-column', table, column, to: reader.name(), at }]);
  }
  if (reader.takeIf('DROP')) {
    reader.takeIf('COLUMN');
    return ddl([{ kind: 'drop-column', table, column: reader.name(), at }]);
  }
  if (!reader.takeIf('ADD')) return ddl([{ kind: 'unclear', what: 'ALTER TABLE', at }]);
  reader.takeIf('COLUMN');
  return ddl(addColumn(reader.rest(), table, 'sqlite'));
};

const dropIndex: Reader = (reader, at) => {
  reader.takeIf('IF', 'EXISTS');
  return ddl([{ kind: 'drop-index', name: reader.qualifiedName(), table: undefined, concurrently: false, at }]);
};

/** With a schema that can be written to, anything can be done to it. */
const pragma: Reader = (reader, at) => ({
  operations: /^writable_schema$/i.test(reader.word()) ? [{ kind: 'unclear', what: 'PRAGMA writable_schema', at }] : [],
  isDdl: false,
});

const vacuum: Reader = () => ({ operations: [], isDdl: false, notInTransaction: 'VACUUM' });

export const sqliteStatements: StatementReaders = {
  'ALTER TABLE': alterTable,
  ANALYZE: noDdl,
  BEGIN: transactionControl('BEGIN'),
  COMMIT: transactionControl('COMMIT'),
  'CREATE INDEX': creatingIndex(false),
  'CREATE TABLE': creating('sqlite'),
  'CREATE TEMP TABLE': creating('sqlite'),
  'CREATE TEMP TRIGGER': createTrigger,
  'CREATE TEMP VIEW': harmlessDdl,
  'CREATE TEMPORARY TABLE': creating('sqlite'),
  'CREATE TEMPORARY TRIGGER': createTrigger,
  'CREATE TEMPORARY VIEW': harmlessDdl,
  'CREATE TRIGGER': createTrigger,
  'CREATE UNIQUE INDEX': creatingIndex(true),
  'CREATE VIEW': harmlessDdl,
  'CREATE VIRTUAL TABLE': harmlessDdl,
  DELETE: deleting,
  'DROP INDEX': dropIndex,
  'DROP TABLE': dropTables,
  'DROP TRIGGER': dropping('trigger'),
  'DROP VIEW': dropping('view'),
  END: transactionControl('END'),
  EXPLAIN: noDdl,
  INSERT: noDdl,
  PRAGMA: pragma,
  REINDEX: noDdl,
  RELEASE: noDdl,
  REPLACE: noDdl,
  ROLLBACK: transactionControl('ROLLBACK'),
  'ROLLBACK TO': noDdl,
  SAVEPOINT: noDdl,
  SELECT: noDdl,
  UPDATE: updating,
  VACUUM: vacuum,
  VALUES: noDdl,
  WITH: noDdl,
};
