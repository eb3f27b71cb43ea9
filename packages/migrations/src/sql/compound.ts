import type { SqlDialect } from './dialect.ts';
import type { SqlToken } from './tokens.ts';

/**
 * Where a statement ends that holds others, such as a trigger with a body of BEGIN … END: the index after its last
 * token. Undefined for a statement that ends at its first `;`.
 */
export function compoundEnd(tokens: readonly SqlToken[], start: number, dialect: SqlDialect): number | undefined {
  const kind = kindCreated(tokens, start);
  if (kind === undefined) return undefined;
  if (dialect === 'sqlite') return kind === 'TRIGGER' ? endOfSqliteTrigger(tokens, start) : undefined;
  if (kind === 'RULE') return dialect === 'postgresql' ? endOutsideBrackets(tokens, start) : undefined;
  return endOfBody(tokens, start, dialect);
}

const kinds = new Set(['EVENT', 'FUNCTION', 'PROCEDURE', 'RULE', 'TRIGGER']);
const qualifiers = new Set(['AGGREGATE', 'DEFINER', 'OR', 'REPLACE', 'TEMP', 'TEMPORARY']);

function kindCreated(tokens: readonly SqlToken[], start: number): string | undefined {
  if (keywordAt(tokens, start) !== 'CREATE') return undefined;
  let isDefiner = false;
  // DEFINER = `user`@`host` is the longest of what may come before the kind.
  for (let index = start + 1; index < start + 9; index += 1) {
    const keyword = keywordAt(tokens, index);
    if (kinds.has(keyword)) return keyword;
    if (keyword === 'DEFINER') isDefiner = true;
    if (!isDefiner && !qualifiers.has(keyword)) return undefined;
  }
  return undefined;
}

/** A CASE … END may come before, but only the body's END stands right after a `;`. */
function endOfSqliteTrigger(tokens: readonly SqlToken[], start: number): number {
  for (let index = start; index < tokens.length; index += 1) {
    const isEnd = keywordAt(tokens, index - 1) === 'END' && keywordAt(tokens, index - 2) === ';';
    if (isEnd && tokens[index]?.text === ';') return index + 1;
  }
  return tokens.length;
}

function endOutsideBrackets(tokens: readonly SqlToken[], start: number): number {
  let depth = 0;
  for (let index = start; index < tokens.length; index += 1) {
    const text = tokens[index]?.text;
    if (text === '(') depth += 1;
    if (text === ')') depth -= 1;
    if (text === ';' && depth === 0) return index + 1;
  }
  return tokens.length;
}

/** The `;` after the END that belongs to the body's BEGIN; PostgreSQL's bodies of SQL open with BEGIN ATOMIC. */
function endOfBody(tokens: readonly SqlToken[], start: number, dialect: SqlDialect): number | undefined {
  let depth = 0;
  for (let index = start; index < tokens.length; index += 1) {
    const keyword = keywordAt(tokens, index);
    if (keyword === ';' && depth === 0) return index + 1;
    if (keyword === 'BEGIN' && (dialect === 'mysql' || keywordAt(tokens, index + 1) === 'ATOMIC')) depth += 1;
    if (keyword === 'CASE' && depth > 0 && keywordAt(tokens, index - 1) !== 'END') depth += 1;
    // END IF, END LOOP and the like end what was not counted.
    if (keyword === 'END' && depth > 0 && !/^(FOR|IF|LOOP|REPEAT|WHILE)$/.test(keywordAt(tokens, index + 1)))
      depth -= 1;
  }
  return tokens.length;
}

function keywordAt(tokens: readonly SqlToken[], index: number): string {
  return tokens[index]?.text.toUpperCase() ?? '';
}
