import { readComments } from '../sql/comments.ts';
import type { SqlDialect } from '../sql/dialect.ts';
import { nearestName } from './nearest-name.ts';

/** When a migration may run: beside the version before it, or only once that one is gone for good. */
export type Phase = 'contract' | 'expand';

/** How a migration is to be run. */
export interface Directives {
  /** `expand` by default. */
  readonly phase: Phase;
  /** Whether it runs in one transaction with its history row; true by default. */
  readonly transaction: boolean;
  /** How long one statement waits for a lock before it is tried again; the database's adapter has a default. */
  readonly lockTimeoutMs: number | undefined;
  /** How long one statement may take; no limit by default. */
  readonly statementTimeoutMs: number | undefined;
  /** Why there is no way back. */
  readonly irreversible: string | undefined;
  /** Another tool and its revisions that the migration stands for: `alembic 1a2b3c`. */
  readonly adopts: string | undefined;
}

interface DirectiveProblem {
  /** Counted from 1. */
  readonly line: number;
  readonly message: string;
}

export interface ReadDirectives {
  readonly directives: Directives;
  readonly problems: readonly DirectiveProblem[];
}

interface Spelling {
  readonly field: keyof Directives;
  readonly expected: string;
  /** Undefined for a value that cannot be. */
  readonly read: (value: string) => string | number | boolean | undefined;
}

interface Written {
  readonly name: string;
  readonly value: string;
  readonly line: number;
  readonly inHeader: boolean;
}

export const defaultDirectives: Directives = {
  phase: 'expand',
  transaction: true,
  lockTimeoutMs: undefined,
  statementTimeoutMs: undefined,
  irreversible: undefined,
  adopts: undefined,
};

const unitsInMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, min: 60_000, h: 3_600_000 };

const inSql: Readonly<Record<string, Spelling>> = {
  phase: {
    field: 'phase',
    expected: "'expand' or 'contract'",
    read: oneOf({ expand: 'expand', contract: 'contract' }),
  },
  transaction: { field: 'transaction', expected: "'on' or 'off'", read: oneOf({ on: true, off: false }) },
  'lock-timeout': { field: 'lockTimeoutMs', expected: "a time such as '500ms' or '2s'", read: durationMs },
  'statement-timeout': { field: 'statementTimeoutMs', expected: "a time such as '30s' or '5min'", read: durationMs },
  irreversible: { field: 'irreversible', expected: 'the reason', read: (value) => value || undefined },
  adopts: { field: 'adopts', expected: "a tool and its revisions such as 'alembic 1a2b3c'", read: revisionsOfTool },
};

const inModules: Readonly<Record<string, Spelling>> = {
  phase: {
    field: 'phase',
    expected: "'expand' or 'contract'",
    read: (value) => oneOf({ expand: 'expand', contract: 'contract' })(unquoted(value) ?? ''),
  },
  transaction: { field: 'transaction', expected: 'true or false', read: oneOf({ true: true, false: false }) },
  lockTimeoutMs: { field: 'lockTimeoutMs', expected: 'a number of milliseconds', read: milliseconds },
  statementTimeoutMs: { field: 'statementTimeoutMs', expected: 'a number of milliseconds', read: milliseconds },
  irreversible: { field: 'irreversible', expected: 'the reason, as plain text in quotes', read: unquoted },
  adopts: {
    field: 'adopts',
    expected: "a tool and its revisions such as 'alembic 1a2b3c'",
    read: (value) => revisionsOfTool(unquoted(value) ?? ''),
  },
};

/**
 * Reads the comment lines `-- name: value` in front of the first statement. A line that is near to a directive's name
 * is a problem, any other one is a comment; so is a directive after the first statement.
 */
export function readSqlDirectives(sql: string, dialect: SqlDialect): ReadDirectives {
  // Most have none, and reading SQL takes its time.
  if (!sql.includes('--')) return { directives: defaultDirectives, problems: [] };
  const written = readComments(sql, dialect).flatMap(({ text, line, inHeader }): Written[] => {
    const { name, value } =
      /^--[ \t]*(?<name>[A-Za-z][\w-]*)[ \t]*:(?![:=])[ \t]*(?<value>.*)$/.exec(text)?.groups ?? {};
    return name === undefined || value === undefined ? [] : [{ name, value: value.trim(), line, inHeader }];
  });
  return collect(inSql, written);
}

/**
 * Reads `export const phase = 'contract'` and the like from a module's text, without running it: each on a line of its
 * own, with a literal value.
 */
export function readModuleDirectives(source: string): ReadDirectives {
  const written = source.split(/\r?\n/).flatMap((text, index): Written[] => {
    const { name, value } =
      /^export (?:const|let|var) (?<name>\w+)\s*(?::[^=]+)?=\s*(?<value>.*?)(?: as const)?\s*;?\s*(?:\/\/.*)?$/.exec(
        text,
      )?.groups ?? {};
    return name === undefined || value === undefined ? [] : [{ name, value, line: index + 1, inHeader: true }];
  });
  return collect(
    inModules,
    written.filter(({ name }) => !['up', 'down'].includes(name)),
  );
}

function collect(spellings: Readonly<Record<string, Spelling>>, written: readonly Written[]): ReadDirectives {
  const found: Partial<Record<keyof Directives, string | number | boolean>> = {};
  const problems: DirectiveProblem[] = [];
  for (const { name, value, line, inHeader } of written) {
    const spelling = Object.hasOwn(spellings, name) ? spellings[name] : undefined;
    if (spelling === undefined) {
      const nearest = inHeader ? nearestName(name, Object.keys(spellings)) : undefined;
      if (nearest !== undefined) problems.push({ line, message: `there is no '${name}', did you mean '${nearest}'?` });
      continue;
    }
    const read = spelling.read(value);
    if (!inHeader) problems.push({ line, message: `'${name}' must stand before the first statement` });
    else if (read === undefined) {
      problems.push({ line, message: `'${name}' cannot be '${value}', expected ${spelling.expected}` });
    } else if (found[spelling.field] !== undefined) problems.push({ line, message: `'${name}' is there twice` });
    else found[spelling.field] = read;
  }
  return { directives: { ...defaultDirectives, ...(found as Partial<Directives>) }, problems };
}

function oneOf<T>(values: Readonly<Record<string, T>>) {
  return (value: string): T | undefined => (Object.hasOwn(values, value) ? values[value] : undefined);
}

function durationMs(value: string): number | undefined {
  const { amount = '', unit = '' } = /^(?<amount>[1-9]\d{0,8}) ?(?<unit>ms|s|min|h)$/.exec(value)?.groups ?? {};
  const factor = unitsInMs[unit];
  return factor === undefined ? undefined : Number(amount) * factor;
}

function milliseconds(value: string): number | undefined {
  return /^[1-9][\d_]{0,11}$/.test(value) ? Number(value.replaceAll('_', '')) : undefined;
}

function revisionsOfTool(value: string): string | undefined {
  const isKnown = /^(?:(?:alembic|prisma)(?: +[^\s,]+)+|flyway(?: +\d+(?:[._]\d+)*)+)$/.test(value);
  return isKnown ? value : undefined;
}

function unquoted(value: string): string | undefined {
  const isQuoted = /^(?:'[^'\\]+'|"[^"\\]+")$/.test(value);
  return isQuoted ? value.slice(1, -1) : undefined;
}
