import type { SqlToken } from '../sql/tokens.ts';
import type { Statement } from './operations.ts';
import type { Places } from './places.ts';

/** A comment that says that a rule may be broken here, and why. */
export interface Allowance {
  readonly rules: readonly string[];
  readonly reason: string;
  /** The statement it speaks of: where it starts in the text. */
  readonly start: number;
}

export interface BadAllowance {
  readonly at: number;
  readonly problem: string;
}

const marked = /^(?:--|#|\/\/)\s*lint\s*:\s*(?<said>.*?)\s*$/i;
const wellFormed = /^allow\s+(?<rules>[a-z-]+(?:\s*,\s*[a-z-]+)*)\s+because\s+(?<reason>\S.*)$/i;

/**
 * Reads `-- lint: allow <rule>, <rule> because <reason>`. It speaks of the statement it stands in, behind the end of on
 * the same line, or in front of.
 */
export function readAllowances(
  comments: readonly SqlToken[],
  statements: readonly Pick<Statement, 'end' | 'start'>[],
  places: Places,
  known: ReadonlySet<string>,
): { readonly allowances: readonly Allowance[]; readonly bad: readonly BadAllowance[] } {
  const allowances: Allowance[] = [];
  const bad: BadAllowance[] = [];
  for (const { text, start: at } of comments) {
    const said = marked.exec(text)?.groups?.said;
    if (said === undefined) continue;
    const { rules: listed = '', reason } = wellFormed.exec(said)?.groups ?? {};
    const rules = listed.split(/\s*,\s*/);
    const unknown = rules.filter((rule) => !known.has(rule));
    const statement = spokenOf(at, statements, places);
    if (reason === undefined) bad.push({ at, problem: 'it has no rule or no reason' });
    else if (unknown.length > 0) bad.push({ at, problem: `there is no rule ${unknown.join(', ')}` });
    else if (statement === undefined) bad.push({ at, problem: 'no statement follows' });
    else allowances.push({ rules, reason, start: statement.start });
  }
  return { allowances, bad };
}

function spokenOf(at: number, statements: readonly Pick<Statement, 'end' | 'start'>[], places: Places) {
  const line = places.lineOf(at);
  const behind = statements.findLast(({ end }) => end <= at && places.lineOf(end) === line);
  return behind ?? statements.find(({ end }) => end > at);
}
