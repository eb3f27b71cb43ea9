import type { Operation } from '../operations.ts';
import type { SqlDialect } from '../../sql/dialect.ts';
import { columnNames } from './constraints.ts';
import type { ReadStatement, StatementReaders } from './statement-readers.ts';
import { createTable } from './tables.ts';
import type { TokenReader } from './token-reader.ts';

export type Reader = StatementReaders[string];

/** What changes the schema, though nothing that the version still running sees. */
export const harmlessDdl: Reader = () => ({ operations: [], isDdl: true });
/** What changes no schema. */
export const noDdl: Reader = () => ({ operations: [], isDdl: false });

export const transactionControl =
  (verb: string): Reader =>
  (_, at) => ({ operations: [{ kind: 'transaction-control', verb, at }], isDdl: false });

export const dropping =
  (object: string): Reader =>
  (reader, at) => {
    reader.takeIf('IF', 'EXISTS');
    return ddl([{ kind: 'drop-object', object, name: reader.qualifiedName(), at }]);
  };

export const creating =
  (dialect: SqlDialect): Reader =>
  (reader, at) =>
    ddl(createTable(reader, dialect, at));

/** CREATE TRIGGER, from the name on. */
export const createTrigger: Reader = (reader, at) => {
  reader.takeIf('IF', 'NOT', 'EXISTS');
  return ddl([{ kind: 'create-object', object: 'trigger', name: reader.qualifiedName(), at }]);
};

export const dropTables: Reader = (reader, at) => {
  reader.takeIf('IF', 'EXISTS');
  const operations: Operation[] = [];
  do operations.push({ kind: 'drop-table', table: reader.qualifiedName(), at });
  while (reader.takeIf(','));
  return ddl(operations);
};

export const creatingIndex =
  (unique: boolean): Reader =>
  (reader, at) => {
    reader.takeIf('IF', 'NOT', 'EXISTS');
    const name = reader.qualifiedName();
    while (!reader.isDone && reader.word() !== 'ON') reader.take();
    reader.takeIf('ON');
    const table = reader.qualifiedName();
    const columns = columnNames(reader.group());
    const partial = reader.word() === 'WHERE';
    return ddl([{ kind: 'create-index', table, index: { name, unique, columns, partial }, concurrently: false, at }]);
  };

export const updating: Reader = (reader, at) => {
  reader.takeOneOf('LOW_PRIORITY');
  reader.takeOneOf('IGNORE');
  if (reader.takeIf('OR')) reader.take();
  return write('UPDATE', reader.qualifiedName(), reader, at);
};

export const deleting: Reader = (reader, at) => {
  while (!reader.isDone && reader.word() !== 'FROM') reader.take();
  reader.takeIf('FROM');
  return write('DELETE', reader.qualifiedName(), reader, at);
};

export function ddl(operations: readonly Operation[]): ReadStatement {
  return { operations, isDdl: true };
}

/** A batch has a LIMIT, or compares with a value in its WHERE. */
function write(verb: string, table: string, reader: TokenReader, at: number): ReadStatement {
  const rest = reader.rest().map(({ text }) => text.toUpperCase());
  const condition = rest.includes('WHERE') ? rest.slice(rest.indexOf('WHERE')) : [];
  const bounded = rest.includes('LIMIT') || condition.some((text) => /^['\d?:]/.test(text));
  return { operations: [{ kind: 'write', verb, table, bounded, at }], isDdl: false };
}
