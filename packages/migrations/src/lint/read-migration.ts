import { type Directives, readModuleDirectives, readSqlDirectives } from '../files/directives.ts';
import type { SqlDialect } from '../sql/dialect.ts';
import { type SqlToken, tokenize } from '../sql/tokens.ts';
import type { Statement, SyntaxProblem } from './operations.ts';
import { Places } from './places.ts';
import { readByTokens } from './tokens/read-statements.ts';

/** A migration's text, and what to call it in findings. */
export interface MigrationText {
  readonly file: string;
  readonly text: string;
}

/** A migration as the rules look at it. */
export interface ReadMigration {
  readonly file: string;
  readonly places: Places;
  readonly directives: Directives;
  readonly badDirectives: readonly { readonly line: number; readonly message: string }[];
  readonly comments: readonly SqlToken[];
  /** None where it cannot be read. */
  readonly statements: readonly Statement[];
  readonly problem: SyntaxProblem | undefined;
  /** A module's statements are known only when it runs. */
  readonly isModule: boolean;
}

export async function readMigration(
  { file, text: written }: MigrationText,
  dialect: SqlDialect,
): Promise<ReadMigration> {
  const text = written.replace(/^\ufeff/, '');
  const places = new Places(text);
  if (!file.endsWith('.sql')) return readModule(file, text, places);
  const { directives, problems: badDirectives } = readSqlDirectives(text, dialect);
  const { statements = [], problem } =
    dialect === 'postgresql' ? await readPostgresql(text) : readByTokens(text, dialect);
  const { comments } = tokenize(text, dialect);
  return { file, places, directives, badDirectives, comments, statements, problem, isModule: false };
}

function readModule(file: string, text: string, places: Places): ReadMigration {
  const { directives, problems: badDirectives } = readModuleDirectives(text);
  const whole = { start: 0, end: text.length };
  const comments = [...text.matchAll(/^[ \t]*(?<comment>\/\/.*)$/gm)].map(({ index, groups }) => ({
    text: groups?.comment ?? '',
    start: index,
    line: places.lineOf(index),
  }));
  const statement: Statement = {
    ...whole,
    operations: [],
    isDdl: false,
    takesLong: false,
    notInTransaction: undefined,
    online: undefined,
  };
  return {
    file,
    places,
    directives,
    badDirectives,
    comments,
    statements: [statement],
    problem: undefined,
    isModule: true,
  };
}

/** The grammar is only loaded for those who use PostgreSQL. */
async function readPostgresql(text: string) {
  const grammar = await import('../adapters/libpg-query/read-statements.ts');
  return await grammar.readPostgresql(text);
}
