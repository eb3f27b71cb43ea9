import type { MergeStmt, Node, RangeVar } from 'libpg-query';

import type { Operation } from '../../lint/operations.ts';
import { bodyOf, tableOf, within } from './nodes.ts';

interface Change {
  readonly relation?: RangeVar;
  readonly whereClause?: Node;
}

/** What changes rows in a statement, in a WITH as well. */
export function writesIn(statement: Node, at: number): Operation[] {
  // A batch is mostly chosen by a query with a limit, beside or inside of the WHERE.
  const isBatch = (change: Change) =>
    within(statement, 'SelectStmt').some(({ limitCount }) => limitCount !== undefined) || isBounded(change);
  const writes = (verb: string, changes: readonly Change[]): Operation[] =>
    changes.map((change) => ({ kind: 'write', verb, table: tableOf(change.relation), bounded: isBatch(change), at }));
  return [
    ...writes('UPDATE', within(statement, 'UpdateStmt')),
    ...writes('DELETE', within(statement, 'DeleteStmt')),
    ...writes('MERGE', within(statement, 'MergeStmt').map(joined)),
  ];
}

function joined({ relation, joinCondition }: MergeStmt): Change {
  return { ...(relation && { relation }), ...(joinCondition && { whereClause: joinCondition }) };
}

/** Compares with a value or a parameter; asking for NULL alone may select every row. */
function isBounded({ whereClause }: Change): boolean {
  const comparisons = within(whereClause, 'A_Expr').map(({ lexpr, rexpr }) => [lexpr, rexpr]);
  return comparisons.some((sides) => within(sides, 'A_Const').length + within(sides, 'ParamRef').length > 0);
}

/** Whether it reads or writes more rows than are written down in it. */
export function readsRows(statement: Node): boolean {
  const selects = within(statement, 'SelectStmt').some(({ fromClause }) => fromClause !== undefined);
  return selects || !(bodyOf(statement, 'SelectStmt') ?? bodyOf(statement, 'InsertStmt'));
}
