import type { DropStmt, RenameStmt } from 'libpg-query';

import type { Operation } from '../../lint/operations.ts';
import { objectName, tableOf } from './nodes.ts';

export function dropped({ removeType, objects, concurrent }: DropStmt, at: number): Operation[] {
  return (objects ?? []).map((object): Operation => {
    const name = objectName(object);
    if (removeType === 'OBJECT_TABLE' || removeType === 'OBJECT_FOREIGN_TABLE')
      return { kind: 'drop-table', table: name, at };
    if (removeType === 'OBJECT_INDEX')
      return { kind: 'drop-index', name, table: undefined, concurrently: concurrent === true, at };
    return { kind: 'drop-object', object: noun(removeType), name, at };
  });
}

const tableTypes = new Set(['OBJECT_FOREIGN_TABLE', 'OBJECT_TABLE']);
/** Nothing but migrations speaks of them. */
const privateNames = new Set([
  'OBJECT_INDEX',
  'OBJECT_TABCONSTRAINT',
  'OBJECT_TRIGGER',
  'OBJECT_POLICY',
  'OBJECT_RULE',
]);

export function renamed(
  { renameType = 'OBJECT_TABLE', relation, object, subname = '', newname = '' }: RenameStmt,
  at: number,
): Operation[] {
  if (privateNames.has(renameType)) return [];
  const table = tableOf(relation);
  if (tableTypes.has(renameType)) return [{ kind: 'rename-table', table, to: newname, at }];
  if (renameType === 'OBJECT_COLUMN') return [{ kind: 'rename-column', table, column: subname, to: newname, at }];
  const name = objectName(object) || (relation === undefined ? subname : table);
  return [{ kind: 'rename-object', object: noun(renameType), name, at }];
}

/** `materialized view` for OBJECT_MATVIEW. */
export function noun(type: string | undefined): string {
  return (type ?? '').replace('OBJECT_', '').replace('MATVIEW', 'materialized view').replaceAll('_', ' ').toLowerCase();
}
