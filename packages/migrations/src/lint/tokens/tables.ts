import type { Column, Constraint, Operation } from '../operations.ts';
import type { SqlDialect } from '../../sql/dialect.ts';
import type { SqlToken } from '../../sql/tokens.ts';
import { readColumn } from './column-definition.ts';
import { columnNames, readConstraint } from './constraints.ts';
import { splitAtCommas, TokenReader } from './token-reader.ts';

const indexElement = /^(INDEX|KEY|FULLTEXT|SPATIAL|PERIOD)$/;
const constraintElement = /^(CONSTRAINT|PRIMARY|UNIQUE|FOREIGN|CHECK)$/;

/** From behind CREATE … TABLE on. */
export function createTable(reader: TokenReader, dialect: SqlDialect, at: number): Operation[] {
  const ifNotExists = reader.takeIf('IF', 'NOT', 'EXISTS');
  const table = reader.qualifiedName();
  const elements = splitAtCommas(reader.group());
  const columns: Column[] = [];
  const constraints: Constraint[] = [];
  const indexes: Operation[] = [];
  for (const element of elements) {
    const inside = new TokenReader(element);
    const word = inside.word();
    if (constraintElement.test(word)) constraints.push(...present(readConstraint(inside)));
    else if (dialect === 'mysql' && indexElement.test(word)) indexes.push(...indexOf(inside, table));
    else if (word !== 'LIKE') {
      const read = readColumn(inside, dialect);
      columns.push(read.column);
      constraints.push(...read.constraints);
    }
  }
  const filled = [...elements.flat().slice(0, 1), ...reader.rest()].some(({ text }) =>
    /^(SELECT|VALUES|TABLE|LIKE)$/i.test(text),
  );
  const isWhole = elements.length > 0 && !filled;
  return [{ kind: 'create-table', table, columns, constraints, isWhole, ifNotExists, at }, ...indexes];
}

/** ADD [COLUMN]: from the column's name on. */
export function addColumn(tokens: readonly SqlToken[], table: string, dialect: SqlDialect): Operation[] {
  const reader = new TokenReader(tokens);
  reader.takeIf('IF', 'NOT', 'EXISTS');
  const { at } = reader;
  const { column: added, constraints, unread } = readColumn(reader, dialect);
  return [
    { kind: 'add-column', table, added, at },
    ...constraints.map((constraint): Operation => {
      const skipped = constraint.kind === 'foreign-key' && added.default === 'none';
      return {
        kind: 'add-constraint',
        table,
        constraint: { ...constraint, validated: constraint.validated && !skipped },
        withColumn: true,
        at,
      };
    }),
    ...unclearWord(unread, at),
  ];
}

/** From behind INDEX or KEY on. */
function indexOf(reader: TokenReader, table: string): Operation[] {
  const { at } = reader;
  reader.takeOneOf('FULLTEXT', 'SPATIAL');
  reader.takeOneOf('INDEX', 'KEY');
  const name = reader.word() === '(' ? undefined : reader.name();
  while (!reader.isDone && reader.word() !== '(') reader.take();
  const index = { name, unique: false, columns: columnNames(reader.group()), partial: false };
  return [{ kind: 'create-index', table, index, concurrently: false, at }];
}

export function unclearWord(unread: string | undefined, at: number): Operation[] {
  return unread === undefined ? [] : [{ kind: 'unclear', what: unread.toUpperCase(), at }];
}

function present<T>(value: T | undefined): T[] {
  return value === undefined ? [] : [value];
}
