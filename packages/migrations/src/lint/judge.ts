import type { Directives } from '../files/directives.ts';
import type { SqlDialect } from '../sql/dialect.ts';
import type { KnownSchema } from './known-schema.ts';
import type { Operation, Statement } from './operations.ts';
import type { Complaint, Harm, Rule, RuleContext } from './rule.ts';
import { rulesOf } from './rules.ts';
import { lockedTable, scannedTable } from './rules/locks.ts';

/** What a rule says about a place in the text. */
export interface Judgement extends Complaint {
  readonly rule: string;
  readonly harm: Harm;
  readonly at: number;
  readonly statement: Statement;
}

/** Tries every rule on every statement of a file, and takes down in `schema` what the file changes. */
export function judge(
  statements: readonly Statement[],
  dialect: SqlDialect,
  directives: Directives,
  schema: KnownSchema,
): Judgement[] {
  const locked = new Set<string>();
  const scanned = new Set<string>();
  let foreignKeyChecks = true;
  return statements.flatMap((statement, index) => {
    const context: RuleContext = {
      dialect,
      directives,
      schema,
      statement,
      all: statements,
      index,
      locked,
      scanned,
      foreignKeyChecks,
    };
    const ofStatement = rulesOf[dialect].flatMap((rule) =>
      judgementOf(rule, rule.statement?.(context), statement.start, statement),
    );
    const ofOperations = statement.operations.flatMap((operation) => {
      const found = rulesOf[dialect].flatMap((rule) =>
        judgementOf(rule, complaintOf(rule, operation, context), operation.at, statement),
      );
      addIfAny(locked, lockedTable(operation, schema));
      addIfAny(scanned, scannedTable(operation, schema, dialect));
      foreignKeyChecks = checksForeignKeys(operation, foreignKeyChecks);
      schema.apply(operation);
      return found;
    });
    return [...ofStatement, ...ofOperations];
  });
}

/** Whether a finding of this harm is refused in the file's phase, told about, or nothing to speak of. */
export function severityOf(harm: Harm, { phase }: Directives): 'error' | 'warning' | undefined {
  if (harm === 'breaks') return phase === 'expand' ? 'error' : undefined;
  return harm === 'advice' || harm === 'blocks' ? 'warning' : 'error';
}

function complaintOf(rule: Rule, operation: Operation, context: RuleContext): Complaint | undefined {
  const check = rule.checks?.[operation.kind] as
    ((of: Operation, seen: RuleContext) => Complaint | undefined) | undefined;
  return check?.(operation, context);
}

function judgementOf(rule: Rule, complaint: Complaint | undefined, at: number, statement: Statement): Judgement[] {
  return complaint === undefined ? [] : [{ rule: rule.name, harm: rule.harm, at, statement, ...complaint }];
}

function checksForeignKeys(operation: Operation, before: boolean): boolean {
  return operation.kind === 'set-setting' && operation.name === 'foreign_key_checks' ? operation.value !== '0' : before;
}

function addIfAny(set: Set<string>, item: string | undefined): void {
  if (item !== undefined) set.add(item);
}
