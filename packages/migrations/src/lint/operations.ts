/** A data type as written: `varchar(20)` is varchar with the modifier 20. */
export interface ColumnType {
  /** In lower case, without the schema of built-in types, synonyms resolved: `int4`, `varchar`. */
  readonly name: string;
  readonly modifiers: readonly number[];
  /** Whatever else the type depends on: array, unsigned, character set, the values of an enum. */
  readonly detail: string;
}

/** How the value of rows that are there already comes about: `expression` may differ from row to row. */
export type DefaultKind = 'constant' | 'expression' | 'none';

export interface Column {
  readonly name: string;
  /** Undefined where the statement does not say: SQLite needs none. */
  readonly type: ColumnType | undefined;
  readonly notNull: boolean;
  readonly default: DefaultKind;
  readonly numbering: 'identity' | 'none' | 'serial';
  readonly generated: 'none' | 'stored' | 'virtual';
}

export type ConstraintKind = 'check' | 'exclusion' | 'foreign-key' | 'not-null' | 'primary-key' | 'unique';

export interface Constraint {
  readonly kind: ConstraintKind;
  readonly name: string | undefined;
  readonly columns: readonly string[];
  /** What a check asks for, in a form that can be compared. */
  readonly expression: string | undefined;
  /** Of a check that only says so: these columns are not null. */
  readonly provesNotNull: readonly string[];
  /** Whether rows that are written from now on are checked. */
  readonly enforced: boolean;
  /** Whether rows that are there already are checked. */
  readonly validated: boolean;
  /** The index that already enforces it. */
  readonly usingIndex: string | undefined;
  readonly references: string | undefined;
}

export interface Index {
  readonly name: string | undefined;
  readonly unique: boolean;
  /** Names of plain columns, undefined for an expression. */
  readonly columns: readonly (string | undefined)[];
  readonly partial: boolean;
}

interface OnTable {
  readonly table: string;
}

interface OnColumn extends OnTable {
  readonly column: string;
}

interface Loosened extends OnColumn {
  /** Only by not saying it again, as MySQL's MODIFY does. */
  readonly implied: boolean;
}

/** How MySQL is told to do it. */
export interface OnlineClause {
  readonly algorithm: string | undefined;
  readonly lock: string | undefined;
}

/** What statements do, whatever the dialect; names are as the database compares them. */
interface Operations {
  'add-column': OnTable & { readonly added: Column };
  'add-constraint': OnTable & { readonly constraint: Constraint; readonly withColumn: boolean };
  'add-enum-value': { readonly type: string };
  /** Values of its own are refused from now on: it is GENERATED ALWAYS. */
  'always-generate': OnColumn;
  'attach-partition': OnTable & { readonly partition: string };
  'change-type': OnColumn & { readonly type: ColumnType; readonly converts: boolean };
  'create-index': OnTable & { readonly index: Index; readonly concurrently: boolean };
  'create-object': { readonly object: string; readonly name: string };
  'create-table': OnTable & {
    readonly columns: readonly Column[];
    readonly constraints: readonly Constraint[];
    /** All of its columns are written down: there is no LIKE, no query, no parent. */
    readonly isWhole: boolean;
    readonly ifNotExists: boolean;
  };
  'define-domain': { readonly name: string; readonly isNew: boolean };
  'detach-partition': OnTable & { readonly concurrently: boolean };
  'drop-column': OnColumn;
  'drop-constraint': OnTable & { readonly name: string };
  'drop-database': { readonly name: string };
  'drop-default': Loosened;
  'drop-index': {
    readonly name: string;
    /** Only MySQL says so. */
    readonly table: string | undefined;
    readonly concurrently: boolean;
  };
  'drop-not-null': Loosened;
  'drop-object': { readonly object: string; readonly name: string };
  'drop-table': OnTable;
  'lock-table': OnTable;
  /** Blocks the table for as long as it takes to copy it. */
  'rebuild-table': OnTable & { readonly by: string };
  'refresh-view': { readonly name: string; readonly concurrently: boolean };
  reindex: { readonly name: string; readonly concurrently: boolean };
  'rename-column': OnColumn & { readonly to: string };
  'rename-enum-value': { readonly type: string; readonly from: string; readonly to: string };
  'rename-object': { readonly object: string; readonly name: string };
  'rename-table': OnTable & { readonly to: string };
  'revoke-access': { readonly what: string };
  'set-default': OnColumn;
  'set-not-null': OnColumn;
  'set-setting': { readonly name: string; readonly value: string | undefined };
  'transaction-control': { readonly verb: string };
  truncate: { readonly tables: readonly string[]; readonly cascade: boolean };
  /** It cannot be read what it does. */
  unclear: { readonly what: string };
  'validate-constraint': OnTable & { readonly name: string };
  write: OnTable & {
    readonly verb: string;
    /** Whether it says which rows, other than by asking for NULL. */
    readonly bounded: boolean;
  };
}

export type OperationKind = keyof Operations;

export type OperationOf<K extends OperationKind> = K extends OperationKind
  ? { readonly kind: K; readonly at: number } & Operations[K]
  : never;

/** One of them, with the offset in the file's text where it starts. */
export type Operation = OperationOf<OperationKind>;

export interface Statement {
  readonly start: number;
  /** Behind its last character. */
  readonly end: number;
  readonly operations: readonly Operation[];
  /** Whether it changes the schema. */
  readonly isDdl: boolean;
  /** Whether it reads as much as there is, or waits for others. */
  readonly takesLong: boolean;
  /** What the server refuses inside of a transaction, as in `CREATE INDEX CONCURRENTLY`. */
  readonly notInTransaction: string | undefined;
  readonly online: OnlineClause | undefined;
}

export interface SyntaxProblem {
  readonly at: number;
  readonly message: string;
}

/** What a file does: all of it, or why it cannot be read. */
export type ReadStatements =
  | { readonly statements: readonly Statement[]; readonly problem?: undefined }
  | { readonly statements?: undefined; readonly problem: SyntaxProblem };
