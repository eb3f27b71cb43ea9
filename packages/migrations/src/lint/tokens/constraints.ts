import type { Constraint, ConstraintKind } from '../operations.ts';
import type { SqlToken } from '../../sql/tokens.ts';
import { splitAtCommas, type TokenReader, unquoted } from './token-reader.ts';

export function keyConstraint(
  kind: 'primary-key' | 'unique',
  name: string | undefined,
  columns: readonly string[],
): Constraint {
  return constraint(kind, name, columns, {});
}

/** From the bracket behind CHECK on. */
export function checkConstraint(reader: TokenReader, name: string | undefined, columns: readonly string[]): Constraint {
  const inside = reader.group();
  const isOff = reader.takeIf('NOT', 'ENFORCED');
  reader.takeIf('ENFORCED');
  const expression = inside.map(({ text }) => unquoted(text)).join(' ');
  const named =
    columns.length > 0 ? columns : inside.map(({ text }) => unquoted(text)).filter((text) => /^[a-z_]/.test(text));
  return constraint('check', name, named, { expression, enforced: !isOff, validated: !isOff });
}

/** From the table behind REFERENCES on. */
export function foreignKey(reader: TokenReader, name: string | undefined, columns: readonly string[]): Constraint {
  const references = reader.qualifiedName();
  reader.group();
  while (reader.takeOneOf('ON', 'MATCH', 'NOT', 'DEFERRABLE', 'INITIALLY') !== undefined) skipClause(reader);
  return constraint('foreign-key', name, columns, { references });
}

/** A constraint of a whole table, where one starts here. */
export function readConstraint(reader: TokenReader): Constraint | undefined {
  const isNamed = reader.takeIf('CONSTRAINT');
  const startsHere = /^(PRIMARY|UNIQUE|FOREIGN|CHECK)$/.test(reader.word());
  const name = isNamed && !startsHere ? reader.name() : undefined;
  if (reader.takeIf('PRIMARY', 'KEY')) return keyConstraint('primary-key', name, columnsUpTo(reader));
  if (reader.takeIf('UNIQUE')) return uniqueKey(reader, name);
  if (reader.takeIf('CHECK')) return checkConstraint(reader, name, []);
  if (!reader.takeIf('FOREIGN', 'KEY')) return undefined;
  const columns = columnsUpTo(reader);
  reader.takeIf('REFERENCES');
  return foreignKey(reader, name, columns);
}

/** The names in brackets, without lengths and directions; undefined for an expression. */
export function columnNames(tokens: readonly SqlToken[]): (string | undefined)[] {
  return splitAtCommas(tokens).map(([first]) =>
    first === undefined || first.text === '(' ? undefined : unquoted(first.text),
  );
}

function uniqueKey(reader: TokenReader, name: string | undefined): Constraint {
  reader.takeOneOf('KEY', 'INDEX');
  const isNamed = reader.word() !== '(' && reader.word() !== 'USING';
  const ofIndex = isNamed ? reader.name() : undefined;
  return keyConstraint('unique', name ?? ofIndex, columnsUpTo(reader));
}

/** The columns in the next brackets, whatever says how the index is built before them. */
function columnsUpTo(reader: TokenReader): string[] {
  while (!reader.isDone && reader.word() !== '(') reader.take();
  return columnNames(reader.group()).flatMap((column) => column ?? []);
}

function skipClause(reader: TokenReader): void {
  reader.takeOneOf('DELETE', 'UPDATE', 'FULL', 'PARTIAL', 'SIMPLE', 'DEFERRABLE', 'DEFERRED', 'IMMEDIATE');
  if (reader.takeOneOf('SET', 'NO') !== undefined) reader.take();
  else reader.takeOneOf('CASCADE', 'RESTRICT');
}

function constraint(
  kind: ConstraintKind,
  name: string | undefined,
  columns: readonly string[],
  rest: Partial<Constraint>,
): Constraint {
  return {
    kind,
    name,
    columns,
    expression: undefined,
    provesNotNull: [],
    enforced: true,
    validated: true,
    usingIndex: undefined,
    references: undefined,
    ...rest,
  };
}
