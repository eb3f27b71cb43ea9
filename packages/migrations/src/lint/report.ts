import type { SqlDialect } from '../sql/dialect.ts';
import { type Allowance, readAllowances } from './allowances.ts';
import type { Finding } from './finding.ts';
import { judge, severityOf } from './judge.ts';
import type { KnownSchema } from './known-schema.ts';
import type { Statement } from './operations.ts';
import type { ReadMigration } from './read-migration.ts';
import type { Complaint, Harm } from './rule.ts';
import { ruleNames } from './rules.ts';

interface Found extends Complaint {
  readonly rule: string;
  readonly harm: Harm;
  readonly at: number;
}

/** What there is to say about one migration; `schema` learns what it changes. */
export function findingsIn(migration: ReadMigration, dialect: SqlDialect, schema: KnownSchema): Finding[] {
  const { comments, statements, places, problem, isModule, badDirectives } = migration;
  if (problem !== undefined) return present(findingOf(migration, syntaxError(problem)));
  const { allowances, bad } = readAllowances(comments, statements, places, ruleNames);
  const judged = isModule ? statements.map(unread) : judge(statements, dialect, migration.directives, schema);
  return [
    ...badDirectives.map((one) => directiveFinding(migration, one)),
    ...bad.flatMap((one) => findingOf(migration, badAllowance(one)) ?? []),
    ...judged
      .filter(({ rule, statement }) => !isAllowed(allowances, rule, statement))
      .flatMap((one) => findingOf(migration, one) ?? []),
  ];
}

/** Known only once all migrations are read, for the index may come later. */
export function unindexedIn(migrations: readonly ReadMigration[], dialect: SqlDialect, schema: KnownSchema): Finding[] {
  // MySQL makes the index itself, and SQLite has neither the size nor the writers that would feel it.
  if (dialect !== 'postgresql') return [];
  return schema.unindexedForeignKeys().flatMap(({ file, table, columns, at }) => {
    const migration = migrations.find((one) => one.file === file);
    const statement = migration?.statements.findLast(({ start }) => start <= at);
    if (migration === undefined || statement === undefined) return [];
    const { allowances } = readAllowances(migration.comments, migration.statements, migration.places, ruleNames);
    const rule = 'foreign-key-without-index';
    if (isAllowed(allowances, rule, statement)) return [];
    const why = `deleting or changing what ${table} refers to reads all of ${table}: no index starts with ${columns.join(', ')}`;
    const fix = `CREATE INDEX CONCURRENTLY … ON ${table} (${columns.join(', ')})`;
    return present(findingOf(migration, { rule, harm: 'advice', at, why, fix }));
  });
}

function isAllowed(allowances: readonly Allowance[], rule: string, { start }: Statement): boolean {
  return allowances.some((one) => one.start === start && one.rules.includes(rule));
}

function syntaxError({ at, message }: { readonly at: number; readonly message: string }): Found {
  return {
    rule: 'syntax',
    harm: 'fails',
    at,
    why: message,
    fix: 'correct the statement; nothing of the file was judged',
  };
}

function badAllowance({ at, problem }: { readonly at: number; readonly problem: string }): Found {
  const fix = 'write: -- lint: allow <rule> because <reason>, in front of the statement';
  return { rule: 'bad-allow', harm: 'advice', at, why: `this comment allows nothing: ${problem}`, fix };
}

function unread(statement: Statement) {
  return {
    rule: 'module-not-read',
    harm: 'advice',
    at: 0,
    statement,
    why: 'what a module does is known only when it runs',
    fix: 'put changes of the schema into SQL files, or say why it is safe: // lint: allow module-not-read because …',
  } as const;
}

function directiveFinding(
  { file, directives }: ReadMigration,
  one: { readonly line: number; readonly message: string },
): Finding {
  const { line, message: why } = one;
  const fix = 'correct the line: until then the file is read without it';
  return { file, line, column: 1, rule: 'directive', phase: directives.phase, severity: 'error', why, fix };
}

function findingOf(
  { file, places, directives }: ReadMigration,
  { rule, harm, at, why, fix }: Found,
): Finding | undefined {
  const severity = severityOf(harm, directives);
  return severity && { file, ...places.at(at), rule, phase: directives.phase, severity, why, fix };
}

function present<T>(value: T | undefined): T[] {
  return value === undefined ? [] : [value];
}
