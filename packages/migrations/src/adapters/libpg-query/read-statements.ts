import { messageOf } from '@maestro/core';
import type { Node, RawStmt } from 'libpg-query';

import type { Operation, ReadStatements, Statement } from '../../lint/operations.ts';
import { bodyOf, within } from './nodes.ts';
import { offsetsIn } from './offsets.ts';
import { hasOption, operationsOf, queries } from './statement-readers.ts';
import { readsRows } from './writes.ts';

/** Reads SQL by PostgreSQL's own grammar, that of version 18. It loads with the first call. */
export async function readPostgresql(sql: string): Promise<ReadStatements> {
  const { hasSqlDetails, parse } = await import('libpg-query');
  const nul = sql.indexOf('\0');
  // The parser is written in C and takes it for the end.
  if (nul !== -1) return { problem: { at: nul, message: 'there is a NUL character' } };
  if (sql.trim() === '') return { statements: [] };
  const offsets = offsetsIn(sql);
  try {
    const { stmts = [] } = await parse(sql);
    return { statements: stmts.map((statement) => read(sql, statement, offsets.ofByte)) };
  } catch (error) {
    const character = hasSqlDetails(error) ? (error.sqlDetails?.cursorPosition ?? 0) : 0;
    return { problem: { at: offsets.ofCharacter(character), message: messageOf(error) } };
  }
}

function read(
  sql: string,
  { stmt, stmt_location = 0, stmt_len }: RawStmt,
  ofByte: (byte: number) => number,
): Statement {
  const isQuery = queries.has(Object.keys(stmt ?? {})[0] ?? '');
  const operations = stmt === undefined ? [] : operationsOf(stmt, stmt_location);
  return {
    start: ofByte(stmt_location),
    end: stmt_len === undefined ? sql.trimEnd().length : ofByte(stmt_location + stmt_len),
    operations: operations.map((operation): Operation => ({ ...operation, at: ofByte(operation.at) })),
    isDdl: !isQuery,
    takesLong: stmt !== undefined && isQuery && readsRows(stmt),
    notInTransaction: stmt === undefined || isQuery ? undefined : refusedInTransaction(stmt),
    online: undefined,
  };
}

function refusedInTransaction(statement: Node): string | undefined {
  if (bodyOf(statement, 'IndexStmt')?.concurrent === true) return 'CREATE INDEX CONCURRENTLY';
  if (bodyOf(statement, 'DropStmt')?.concurrent === true) return 'DROP INDEX CONCURRENTLY';
  if (hasOption(bodyOf(statement, 'ReindexStmt')?.params, 'concurrently')) return 'REINDEX CONCURRENTLY';
  if (within(bodyOf(statement, 'AlterTableStmt')?.cmds, 'PartitionCmd').some(({ concurrent }) => concurrent === true))
    return 'DETACH PARTITION CONCURRENTLY';
  if (bodyOf(statement, 'VacuumStmt')?.is_vacuumcmd === true) return 'VACUUM';
  if (bodyOf(statement, 'DropdbStmt') !== undefined) return 'DROP DATABASE';
  if (bodyOf(statement, 'CreatedbStmt') !== undefined) return 'CREATE DATABASE';
  return bodyOf(statement, 'AlterSystemStmt') === undefined ? undefined : 'ALTER SYSTEM';
}
