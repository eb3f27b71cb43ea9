import { stripVTControlCharacters } from 'node:util';

const anything = '…';

/** How what was printed differs from what was expected. */
export interface Mismatch {
  /** The first expected line that nothing fits, from 1 on; past the last one where more was printed. */
  readonly line: number;
  readonly expected: string | null;
}

/**
 * Compares line by line. `…` stands for anything within a line; as a line of its own, for any number of lines. Colours,
 * spaces at the ends of lines and empty lines at the end do not count. Null where it fits.
 */
export function matchOutput(expected: string, printed: string): Mismatch | null {
  const patterns = linesOf(expected);
  const lines = linesOf(stripVTControlCharacters(printed));
  // The numbers of lines that the patterns so far can account for.
  let reached: ReadonlySet<number> = new Set([0]);
  for (const [index, pattern] of patterns.entries()) {
    const next = pattern.trim() === anything ? allFrom(reached, lines.length) : stepOver(pattern, lines, reached);
    if (next.size === 0) return { line: index + 1, expected: pattern };
    reached = next;
  }
  return reached.has(lines.length) ? null : { line: patterns.length + 1, expected: null };
}

function allFrom(reached: ReadonlySet<number>, end: number): ReadonlySet<number> {
  const first = Math.min(...reached);
  return new Set(Array.from({ length: end - first + 1 }, (_, index) => first + index));
}

function stepOver(pattern: string, lines: readonly string[], reached: ReadonlySet<number>): ReadonlySet<number> {
  return new Set([...reached].filter((at) => at < lines.length && fits(pattern, lines[at] ?? '')).map((at) => at + 1));
}

function fits(pattern: string, line: string): boolean {
  const [first = '', ...rest] = pattern.split(anything);
  const last = rest.pop();
  if (last === undefined) return first === line;
  if (!line.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = line.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return line.endsWith(last) && line.length - last.length >= at;
}

function linesOf(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .trimEnd()
    .split('\n');
}
