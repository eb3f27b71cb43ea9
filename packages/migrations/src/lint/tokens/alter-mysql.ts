import type { OnlineClause, Operation } from '../operations.ts';
import type { SqlToken } from '../../sql/tokens.ts';
import { readColumn } from './column-definition.ts';
import { checkConstraint, columnNames, readConstraint } from './constraints.ts';
import { addColumn, unclearWord } from './tables.ts';
import { splitAtCommas, TokenReader } from './token-reader.ts';

interface Altered {
  readonly operations: readonly Operation[];
  readonly online: OnlineClause;
}

/** From behind ALTER TABLE on. */
export function alterTable(reader: TokenReader): Altered {
  reader.takeIf('IF', 'EXISTS');
  const table = reader.qualifiedName();
  if (reader.takeIf('WAIT')) reader.take();
  reader.takeIf('NOWAIT');
  const operations: Operation[] = [];
  let online: OnlineClause = { algorithm: undefined, lock: undefined };
  for (const part of splitAtCommas(reader.rest())) {
    const clause = onlineClause(new TokenReader(part));
    if (clause === undefined) operations.push(...alteration(new TokenReader(part), table));
    else online = { ...online, ...clause };
  }
  return { operations, online };
}

/** `ALGORITHM=INPLACE` and `LOCK=NONE`, wherever they stand. */
export function onlineClause(reader: TokenReader): Partial<OnlineClause> | undefined {
  const field = reader.takeOneOf('ALGORITHM', 'LOCK');
  if (field === undefined) return undefined;
  reader.takeIf('=');
  return { [field.toLowerCase()]: reader.take().toUpperCase() };
}

type Alteration = (reader: TokenReader, table: string, at: number) => readonly Operation[];

const rebuilds =
  /^(ENGINE|FORCE|CONVERT|ROW_FORMAT|KEY_BLOCK_SIZE|PARTITION|REMOVE|COALESCE|REORGANIZE|REBUILD|EXCHANGE|TRUNCATE|ORDER|TABLESPACE|DISCARD|IMPORT|ENCRYPTION|COMPRESSION|PAGE_COMPRESSED)$/;
const harmless =
  /^(COMMENT|AUTO_INCREMENT|DEFAULT|CHARACTER|CHARSET|COLLATE|STATS_PERSISTENT|STATS_AUTO_RECALC|STATS_SAMPLE_PAGES|WITH|WITHOUT|ENABLE|DISABLE|ANALYZE|CHECK|OPTIMIZE)$/;

const alterations: Readonly<Record<string, Alteration>> = {
  ADD: add,
  DROP: drop,
  ALTER: alter,
  RENAME: rename,
  MODIFY: (reader, table) => {
    reader.takeIf('COLUMN');
    reader.takeIf('IF', 'EXISTS');
    return redefine(reader, table, undefined);
  },
  CHANGE: (reader, table, at) => {
    reader.takeIf('COLUMN');
    reader.takeIf('IF', 'EXISTS');
    const column = reader.name();
    const to = reader.word() === '' ? column : nameAhead(reader);
    return [
      ...(to === column ? [] : [{ kind: 'rename-column', table, column, to, at } as const]),
      ...redefine(reader, table, to),
    ];
  },
};

function alteration(reader: TokenReader, table: string): readonly Operation[] {
  const { at } = reader;
  const word = reader.take();
  const read = alterations[word.toUpperCase()];
  if (read !== undefined) return read(reader, table, at);
  if (rebuilds.test(word.toUpperCase())) return [{ kind: 'rebuild-table', table, by: word.toUpperCase(), at }];
  return harmless.test(word.toUpperCase())
    ? []
    : [{ kind: 'unclear', what: `ALTER TABLE … ${word.toUpperCase()}`, at }];
}

function add(reader: TokenReader, table: string, at: number): readonly Operation[] {
  if (/^(CONSTRAINT|PRIMARY|UNIQUE|FOREIGN|CHECK)$/.test(reader.word())) {
    const constraint = readConstraint(reader);
    return constraint === undefined
      ? [{ kind: 'unclear', what: 'ADD CONSTRAINT', at }]
      : [{ kind: 'add-constraint', table, constraint, withColumn: false, at }];
  }
  if (reader.takeIf('PARTITION')) return [{ kind: 'rebuild-table', table, by: 'ADD PARTITION', at }];
  const special = reader.takeOneOf('FULLTEXT', 'SPATIAL');
  // Both are built with writers waiting.
  if (special !== undefined) return [{ kind: 'rebuild-table', table, by: `a ${special} index`, at }];
  if (reader.takeOneOf('INDEX', 'KEY') !== undefined) {
    reader.takeIf('IF', 'NOT', 'EXISTS');
    const name = reader.word() === '(' || reader.word() === 'USING' ? undefined : reader.name();
    while (!reader.isDone && reader.word() !== '(') reader.take();
    const index = { name, unique: false, columns: columnNames(reader.group()), partial: false };
    return [{ kind: 'create-index', table, index, concurrently: false, at }];
  }
  reader.takeIf('COLUMN');
  const columns = reader.word() === '(' ? splitAtCommas(reader.group()) : [reader.rest()];
  return columns.flatMap((column: readonly SqlToken[]) => addColumn(column, table, 'mysql'));
}

function drop(reader: TokenReader, table: string, at: number): readonly Operation[] {
  if (reader.takeIf('PRIMARY', 'KEY')) {
    return [
      { kind: 'rebuild-table', table, by: 'DROP PRIMARY KEY', at },
      { kind: 'drop-constraint', table, name: 'primary', at },
    ];
  }
  if (reader.takeIf('PARTITION')) return [{ kind: 'drop-object', object: 'partition', name: reader.name(), at }];
  const isIndex = reader.takeOneOf('INDEX', 'KEY') !== undefined;
  const isConstraint = reader.takeIf('FOREIGN', 'KEY') || reader.takeOneOf('CHECK', 'CONSTRAINT') !== undefined;
  reader.takeIf('COLUMN');
  reader.takeIf('IF', 'EXISTS');
  const name = reader.name();
  if (isIndex) return [{ kind: 'drop-index', name, table, concurrently: false, at }];
  if (isConstraint) return [{ kind: 'drop-constraint', table, name, at }];
  return [{ kind: 'drop-column', table, column: name, at }];
}

function alter(reader: TokenReader, table: string, at: number): readonly Operation[] {
  if (reader.takeIf('INDEX')) {
    const name = reader.name();
    return reader.word() === 'VISIBLE' ? [] : [{ kind: 'drop-index', name, table, concurrently: false, at }];
  }
  if (reader.takeOneOf('CHECK', 'CONSTRAINT') !== undefined) {
    const name = reader.name();
    // ENFORCED, or NOT.
    const constraint = checkConstraint(reader, name, []);
    return constraint.enforced ? [{ kind: 'add-constraint', table, constraint, withColumn: false, at }] : [];
  }
  reader.takeIf('COLUMN');
  const column = reader.name();
  if (reader.takeIf('SET', 'DEFAULT')) return [{ kind: 'set-default', table, column, at }];
  if (reader.takeIf('DROP', 'DEFAULT')) return [{ kind: 'drop-default', table, column, implied: false, at }];
  const isVisible = reader.takeIf('SET', 'VISIBLE');
  // SELECT * no longer has it.
  return isVisible ? [] : [{ kind: 'drop-column', table, column, at }];
}

function rename(reader: TokenReader, table: string, at: number): readonly Operation[] {
  if (reader.takeOneOf('INDEX', 'KEY') !== undefined) return [];
  if (reader.takeIf('COLUMN')) {
    const column = reader.name();
    reader.takeIf('TO');
    return [{ kind: 'rename-column', table, column, to: reader.name(), at }];
  }
  reader.takeOneOf('TO', 'AS', '=');
  return [{ kind: 'rename-table', table, to: reader.qualifiedName(), at }];
}

/** MODIFY and CHANGE say all of a column anew: type, nullability and default. */
function redefine(reader: TokenReader, table: string, renamed: string | undefined): readonly Operation[] {
  const { at } = reader;
  const { column: definition, unread } = readColumn(reader, 'mysql');
  const column = renamed ?? definition.name;
  const { type, notNull } = definition;
  const isUnset = definition.default === 'none';
  return [
    ...(type === undefined ? [] : [{ kind: 'change-type', table, column, type, converts: false, at } as const]),
    notNull ? { kind: 'set-not-null', table, column, at } : { kind: 'drop-not-null', table, column, implied: true, at },
    ...(isUnset ? [{ kind: 'drop-default', table, column, implied: true, at } as const] : []),
    ...unclearWord(unread, at),
  ];
}

function nameAhead(reader: TokenReader): string {
  return new TokenReader([{ text: reader.word(), start: reader.at, line: 0 }]).name();
}
