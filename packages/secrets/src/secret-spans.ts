const placeholder = '[redacted]';

interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Covered {
  readonly text: string;
  /** How far the last secret reaches beyond `end`; 0 when none does. */
  readonly beyond: number;
}

/** A piece of a longer text: all of it by default. */
export interface Piece {
  /** Characters at the start that belong to a secret whose placeholder was already written. */
  readonly covered?: number;
  /** Where to stop; what follows is only looked at. */
  readonly end?: number;
}

/**
 * Replaces what the spellings cover, secrets that overlap together: replacing one at a time would leave the end of a
 * longer secret standing where a shorter one begins before it.
 */
export function coverSecrets(
  text: string,
  spellings: readonly string[],
  { covered = 0, end = text.length }: Piece = {},
): Covered {
  let output = '';
  let at = covered;
  for (const span of spansIn(text, spellings)) {
    if (span.start >= end) break;
    if (span.start >= at) output += text.slice(at, span.start) + placeholder;
    at = Math.max(at, span.end);
  }
  return { text: output + text.slice(at, Math.max(at, end)), beyond: Math.max(0, at - end) };
}

/** Where the last characters may turn into a secret when more text follows; the length of the text when they cannot. */
export function startOfUnfinished(text: string, spellings: readonly string[]): number {
  return Math.min(text.length, ...spellings.map((spelling) => unfinishedStart(text, spelling)));
}

function unfinishedStart(text: string, spelling: string): number {
  const first = spelling.charAt(0);
  let at = text.indexOf(first, Math.max(0, text.length - spelling.length + 1));
  while (at !== -1 && !spelling.startsWith(text.slice(at))) at = text.indexOf(first, at + 1);
  return at === -1 ? text.length : at;
}

function spansIn(text: string, spellings: readonly string[]): readonly Span[] {
  return spellings.flatMap((spelling) => spansOf(text, spelling)).sort((a, b) => a.start - b.start);
}

function spansOf(text: string, spelling: string): readonly Span[] {
  const spans: Span[] = [];
  for (let at = text.indexOf(spelling); at !== -1; at = text.indexOf(spelling, at + 1)) {
    spans.push({ start: at, end: at + spelling.length });
  }
  return spans;
}
