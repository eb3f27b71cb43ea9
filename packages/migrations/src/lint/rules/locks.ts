import type { KnownSchema } from '../known-schema.ts';
import type { Operation, OperationKind } from '../operations.ts';
import type { SqlDialect } from '../../sql/dialect.ts';
import { isWidening } from './widening.ts';

/** After these nobody else reads or writes the table until the transaction ends. */
const exclusive: ReadonlySet<OperationKind> = new Set([
  'add-column',
  'add-constraint',
  'change-type',
  'drop-column',
  'drop-constraint',
  'drop-default',
  'drop-not-null',
  'drop-table',
  'lock-table',
  'rebuild-table',
  'rename-column',
  'rename-table',
  'set-default',
  'set-not-null',
]);

/** The table in use that nobody gets at from this operation to the end of the transaction. */
export function lockedTable(operation: Operation, schema: KnownSchema): string | undefined {
  if (!('table' in operation) || operation.table === undefined) return undefined;
  const blocksWrites = operation.kind === 'create-index' && !operation.concurrently;
  if (!exclusive.has(operation.kind) && !blocksWrites) return undefined;
  return schema.isNew(operation.table) ? undefined : operation.table;
}

/** The table in use that PostgreSQL reads from end to end for this operation, however much is in it. */
export function scannedTable(operation: Operation, schema: KnownSchema, dialect: SqlDialect): string | undefined {
  if (!('table' in operation) || operation.table === undefined || schema.isNew(operation.table)) return undefined;
  return scans(operation, schema, dialect) ? operation.table : undefined;
}

function scans(operation: Operation, schema: KnownSchema, dialect: SqlDialect): boolean {
  switch (operation.kind) {
    case 'set-not-null':
      return !schema.isNotNull(operation.table, operation.column);
    case 'add-constraint': {
      const { validated, usingIndex } = operation.constraint;
      return validated && usingIndex === undefined;
    }
    case 'change-type':
      return (
        operation.converts ||
        !isWidening(dialect, schema.column(operation.table, operation.column)?.type, operation.type)
      );
    case 'add-column': {
      const { default: value, numbering, generated } = operation.added;
      return value === 'expression' || numbering !== 'none' || generated === 'stored';
    }
    case 'create-index':
    case 'rebuild-table':
    case 'validate-constraint':
      return true;
    default:
      return false;
  }
}
