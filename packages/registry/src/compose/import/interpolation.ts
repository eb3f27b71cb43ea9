import { isRecord } from '../../plan/merge.ts';
import type { ProblemPath } from '../../checks/problem.ts';
import type { Report } from './compose-finding.ts';

/** What is left of a text once its variables are looked at. */
export interface Interpolated {
  /** With defaults in the place of variables, and one dollar sign for two. */
  readonly text: string;
  /** Variables that the text has a default for. */
  readonly defaulted: readonly string[];
  /** Variables that only the shell, or the .env file of compose, has a value for. */
  readonly open: readonly string[];
}

/** `$$`, `$NAME`, `${NAME}`, and `${NAME<operator>word}`; the word may hold one more level of braces. */
const variable = /\$(?:(\$)|([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?:(:?[-?+])((?:[^{}]|\{[^{}]*\})*))?\})/g;

export function interpolate(written: string): Interpolated {
  const defaulted: string[] = [];
  const open: string[] = [];
  const text = written.replaceAll(variable, (...match: unknown[]) => {
    const [, dollar, plain, braced, operator, word] = match as readonly (string | undefined)[];
    if (dollar !== undefined) return '$';
    const name = plain ?? braced ?? '';
    if (operator?.endsWith('-') !== true) {
      open.push(name);
      return '';
    }
    defaulted.push(name);
    const inner = interpolate(word ?? '');
    open.push(...inner.open);
    return inner.text;
  });
  return { text, defaulted, open };
}

/** The name where a text is one variable without a default, such as `${TOKEN:?}`. */
export function soleVariable(written: string): string | null {
  const { text, open, defaulted } = interpolate(written);
  const [name = null] = open;
  return text === '' && open.length === 1 && defaulted.length === 0 && written.startsWith('$') ? name : null;
}

/**
 * A part of a compose file with its variables resolved as far as it says itself: what has a default gets it, anything else
 * is left out, and both are told.
 */
export function resolveVariables(value: unknown, path: ProblemPath, report: Report): unknown {
  if (typeof value === 'string') return resolveText(value, path, report);
  if (Array.isArray(value)) {
    return value
      .map((item: unknown, index) => resolveVariables(item, [...path, index], report))
      .filter((item) => item !== undefined);
  }
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, resolveVariables(item, [...path, key], report)]);
  return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
}

function resolveText(written: string, path: ProblemPath, report: Report): string | undefined {
  const { text, defaulted, open } = interpolate(written);
  if (open.length > 0) {
    report(path, `${open.join(', ')} has its value from the shell`, 'write the value into the registry');
    return undefined;
  }
  if (defaulted.length > 0) {
    const which = defaulted.length === 1 ? 'its default' : 'their defaults';
    const advice = 'where it differs between environments, say so under environments.<name>.services';
    report(path, `${defaulted.join(', ')} from the shell; ${which} is taken`, advice);
  }
  return text;
}
