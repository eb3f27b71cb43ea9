export interface Difference {
  /** The first line that differs, from 1 on. */
  readonly line: number;
  /** What is there and should not be, and the other way round. */
  readonly summary: string;
}

const shownLines = 6;
const shownWidth = 160;

/** How two texts differ, in a few lines; null where they do not. */
export function differenceOf(found: string, wanted: string): Difference | null {
  if (found === wanted) return null;
  const [old, fresh] = [found.split('\n'), wanted.split('\n')];
  const first = fresh.findIndex((line, index) => line !== old[index]);
  const gone = without(old, fresh).map((line) => `- ${line}`);
  const added = without(fresh, old).map((line) => `+ ${line}`);
  return { line: first === -1 ? fresh.length : first + 1, summary: [...shown(gone), ...shown(added)].join('\n') };
}

function without(lines: readonly string[], others: readonly string[]): readonly string[] {
  const known = new Set(others);
  return lines.filter((line) => !known.has(line));
}

function shown(lines: readonly string[]): readonly string[] {
  const cut = lines.slice(0, shownLines).map((line) => line.slice(0, shownWidth));
  return lines.length > shownLines ? [...cut, `  and ${lines.length - shownLines} more lines`] : cut;
}
