import type { Column, ColumnType, Constraint, DefaultKind } from '../operations.ts';
import type { SqlDialect } from '../../sql/dialect.ts';
import type { SqlToken } from '../../sql/tokens.ts';
import { checkConstraint, foreignKey, keyConstraint } from './constraints.ts';
import type { TokenReader } from './token-reader.ts';

export interface ColumnDefinition {
  readonly column: Column;
  readonly constraints: readonly Constraint[];
  /** A word that is not known to stand there. */
  readonly unread: string | undefined;
}

interface Draft {
  notNull: boolean;
  default: DefaultKind;
  numbering: Column['numbering'];
  generated: Column['generated'];
  detail: string;
  readonly constraints: Constraint[];
}

type Attribute = (reader: TokenReader, draft: Draft, name: string) => void;

const skip =
  (count: number): Attribute =>
  (reader) => {
    for (let index = 0; index < count; index += 1) reader.take();
  };
const inDetail: Attribute = (reader, draft) => {
  draft.detail += ` ${reader.name()}`;
};

const attributes: Readonly<Record<string, Attribute>> = {
  NOT: (reader, draft) => {
    if (reader.takeIf('NULL')) draft.notNull = true;
  },
  NULL: skip(0),
  DEFAULT: (reader, draft) => {
    draft.default = defaultKind(reader);
  },
  AUTO_INCREMENT: numbered,
  AUTOINCREMENT: numbered,
  PRIMARY: (reader, draft, name) => {
    reader.takeIf('KEY');
    key('primary-key', draft, name);
  },
  KEY: (_, draft, name) => {
    key('primary-key', draft, name);
  },
  UNIQUE: (reader, draft, name) => {
    reader.takeIf('KEY');
    key('unique', draft, name);
  },
  GENERATED: (reader, draft) => {
    reader.takeIf('ALWAYS');
    reader.takeIf('AS');
    generate(reader, draft);
  },
  AS: generate,
  CHECK: (reader, draft, name) => {
    draft.constraints.push(checkConstraint(reader, undefined, [name]));
  },
  REFERENCES: (reader, draft, name) => {
    draft.constraints.push(foreignKey(reader, undefined, [name]));
  },
  CONSTRAINT: (reader) => {
    if (!constraintWords.has(reader.word())) reader.take();
  },
  CHARACTER: (reader, draft) => {
    reader.takeIf('SET');
    reader.takeIf('=');
    inDetail(reader, draft, '');
  },
  CHARSET: inDetail,
  COLLATE: inDetail,
  ON: (reader) => {
    if (reader.takeIf('UPDATE')) defaultKind(reader);
    else reader.rest();
  },
  COMMENT: skip(1),
  COLUMN_FORMAT: skip(1),
  STORAGE: skip(1),
  SRID: skip(1),
  AFTER: skip(1),
  FIRST: skip(0),
  VISIBLE: skip(0),
  INVISIBLE: skip(0),
  ASC: skip(0),
  DESC: skip(0),
};

const constraintWords = new Set(['CHECK', 'NOT', 'NULL', 'PRIMARY', 'REFERENCES', 'UNIQUE']);

/** Reads a column, from its name on to the end of the reader. */
export function readColumn(reader: TokenReader, dialect: SqlDialect): ColumnDefinition {
  const name = reader.name();
  const { type, unread: oddWord } = readType(reader);
  const draft: Draft = {
    notNull: false,
    default: 'none',
    numbering: type?.name === 'serial' ? 'serial' : 'none',
    generated: 'none',
    detail: type?.detail ?? '',
    constraints: [],
  };
  // SQLite takes any words for a type.
  let unread = dialect === 'sqlite' ? undefined : oddWord;
  while (!reader.isDone) {
    const word = reader.take();
    const read = attributes[word.toUpperCase()];
    if (read === undefined) unread ??= word;
    else read(reader, draft, name);
  }
  const { detail, constraints, ...rest } = draft;
  return { column: { name, type: type && { ...type, detail }, ...rest }, constraints, unread };
}

const synonyms: Readonly<Record<string, string>> = {
  bool: 'tinyint',
  boolean: 'tinyint',
  'character varying': 'varchar',
  dec: 'decimal',
  'double precision': 'double',
  integer: 'int',
  numeric: 'decimal',
};

/** MySQL's and MariaDB's. */
const types =
  /^((tiny|small|medium|big|)int|integer|int[1-8]|dec|decimal|numeric|fixed|float|double|real|bit|bool|boolean|serial|date|time|datetime|timestamp|year|n?char|n?varchar|character|national|(tiny|medium|long|)(text|blob)|binary|varbinary|enum|set|json|uuid|inet[46]|geometry|point|linestring|polygon|multi(point|linestring|polygon)|geometrycollection|vector)$/;
/** What may follow the first word of a type. */
const typeWords =
  /^(precision|varying|unsigned|signed|zerofill|binary|unicode|ascii|char|character|varchar|varbinary)$/;

/** Type names are words of letters; what stands in brackets behind them is sizes, or the values of an enum. */
function readType(reader: TokenReader): { readonly type: ColumnType | undefined; readonly unread: string | undefined } {
  const words: string[] = [];
  const typeWord = () => /^[A-Z_]\w*$/.test(reader.word()) && !Object.hasOwn(attributes, reader.word());
  // As in `character varying` and `character set`.
  const isCharacter = () => words.length === 0 && reader.word() === 'CHARACTER';
  while (isCharacter() || typeWord()) words.push(reader.name());
  const inBrackets = reader.group().filter(({ text }) => text !== ',');
  const details: string[] = [];
  while (typeWord()) details.push(reader.name());
  if (words.length === 0) return { type: undefined, unread: undefined };
  const [first = '', ...others] = words;
  const unread = types.test(first) ? [...others, ...details].find((word) => !typeWords.test(word)) : first;
  const written = words.join(' ');
  const name = synonyms[written] ?? written;
  const sizes = inBrackets.map(({ text }) => Number(text));
  const areSizes = sizes.every((size) => !Number.isNaN(size));
  // How wide an integer is printed changes nothing.
  const modifiers = areSizes && !name.endsWith('int') ? sizes : [];
  const values = areSizes ? '' : textOf(inBrackets);
  return { type: { name, modifiers, detail: [...details, values].join(' ').trim() }, unread };
}

const steadyWords = /^(CURRENT_TIMESTAMP|CURRENT_DATE|CURRENT_TIME|LOCALTIME|LOCALTIMESTAMP|NOW)$/;

/** Literals and the time of the statement are the same for all rows; of an expression it is not known. */
function defaultKind(reader: TokenReader): DefaultKind {
  if (reader.takeIf('NULL')) return 'none';
  if (reader.group().length > 0) return 'expression';
  const first = reader.take().toUpperCase();
  if (first === '-' || first === '+' || first.startsWith('_')) reader.take();
  const isCall = reader.word() === '(';
  reader.group();
  return isCall && !steadyWords.test(first) ? 'expression' : 'constant';
}

function generate(reader: TokenReader, draft: Draft): void {
  reader.group();
  const isKept = /^(STORED|PERSISTENT)$/.test(reader.takeOneOf('STORED', 'PERSISTENT', 'VIRTUAL') ?? '');
  draft.generated = isKept ? 'stored' : 'virtual';
}

function numbered(_: TokenReader, draft: Draft): void {
  draft.numbering = 'serial';
}

function key(kind: 'primary-key' | 'unique', draft: Draft, name: string): void {
  if (kind === 'primary-key') draft.notNull = true;
  draft.constraints.push(keyConstraint(kind, undefined, [name]));
}

function textOf(tokens: readonly SqlToken[]): string {
  return tokens
    .map(({ text }) => text)
    .join(' ')
    .toLowerCase();
}
