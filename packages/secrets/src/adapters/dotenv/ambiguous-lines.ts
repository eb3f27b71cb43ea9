/** A place readers of .env files disagree about; says where and why, and never repeats any of the text. */
export interface AmbiguousLine {
  readonly line: number;
  /** Counted in UTF-16 code units from 1; a tab is one. */
  readonly column: number;
  readonly problem: string;
}

interface Finding {
  readonly at: number;
  readonly problem: string;
}

/** What starts on a line; `end` is where its last line ends, in front of the line break. */
interface Statement {
  readonly end: number;
  readonly name?: { readonly text: string; readonly at: number };
  readonly finding?: Finding | undefined;
}

// U+2028 and U+2029 end a line for a regular expression, and so for dotenv, but not for an editor.
const blankOrComment = /[ \t]*(?:#[^\r\n\u2028\u2029]*)?(?:\r?\n|$)/y;
const assignment = /([ \t]*(?:export +)?)([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*/y;
const restAfterQuote = /(?:[ \t]*|[ \t]+#[^\r\n\u2028\u2029]*)(?:\r?\n|$)/y;
const hiddenBreak = 'a comment with a line break that editors do not show';
const endsInAssignment = /\n[ \t]*(?:export +)?[A-Za-z_][A-Za-z0-9_]*[ \t]*=[ \t]*$/;

/** Every line of a .env file that could be read in more than one way, or not at all; none means safe to parse. */
export function findAmbiguousLines(text: string): readonly AmbiguousLine[] {
  const findings: Finding[] = [];
  const firstAt = new Map<string, number>();
  let at = 0;
  while (at < text.length) {
    const skipped = matchAt(blankOrComment, text, at);
    if (skipped !== undefined) {
      at += skipped[0].length;
      continue;
    }
    const { end, name, finding } = readStatement(text, at);
    if (finding !== undefined) findings.push(finding);
    if (name !== undefined) {
      const earlier = firstAt.get(name.text);
      if (earlier === undefined) firstAt.set(name.text, name.at);
      else findings.push({ at: name.at, problem: `the name of line ${placeOf(text, earlier).line} is set again` });
    }
    at = end;
  }
  return findings.map(({ at: offset, problem }) => ({ ...placeOf(text, offset), problem }));
}

function readStatement(text: string, start: number): Statement {
  const match = matchAt(assignment, text, start);
  if (match === undefined) return { end: endOfLine(text, start), finding: notAnAssignment(text, start) };
  const [whole, before = '', name = ''] = match;
  const valueAt = start + whole.length;
  const quote = text[valueAt];
  const value =
    quote === '"' || quote === "'" || quote === '`' ? readQuoted(text, valueAt, quote) : readUnquoted(text, valueAt);
  return { ...value, name: { text: name, at: start + before.length } };
}

function notAnAssignment(text: string, start: number): Finding {
  const line = text.slice(start, endOfLine(text, start));
  const at = start + (/[^ \t]/.exec(line)?.index ?? 0);
  if (text[at] === '\uFEFF') return { at, problem: 'a byte order mark, which some readers make part of the name' };
  if (text[at] === '#') return { at, problem: hiddenBreak };
  return line.includes('=')
    ? { at, problem: 'the name before the = may hold A-Z, a-z, 0-9 and _ only, and not start with a digit' }
    : { at, problem: 'a line without =, or the rest of a value whose quotes do not span it' };
}

function readUnquoted(text: string, valueAt: number): Statement {
  const end = endOfLine(text, valueAt);
  const comment = text.slice(valueAt, end).indexOf('#');
  const valueEnd = comment === -1 ? end : valueAt + comment;
  if (comment !== -1 && !(isBlank(text[valueEnd - 1]) && (valueEnd + 1 === end || isBlank(text[valueEnd + 1])))) {
    return { end, finding: { at: valueEnd, problem: 'a # in a value without quotes, where readers cut it off' } };
  }
  const odd = /['"`]|[^\S \t]|\0/.exec(text.slice(valueAt, valueEnd));
  if (odd !== null) {
    const problem = /['"`]/.test(odd[0])
      ? 'a quote inside a value without quotes'
      : 'a control character or unusual space in a value without quotes';
    return { end, finding: { at: valueAt + odd.index, problem } };
  }
  const breakInComment = /[\r\u2028\u2029]/.exec(text.slice(valueEnd, end));
  if (breakInComment === null) return { end };
  return { end, finding: { at: valueEnd + breakInComment.index, problem: hiddenBreak } };
}

function readQuoted(text: string, open: number, quote: '"' | "'" | '`'): Statement {
  const firstEnd = endOfLine(text, open);
  const close = text.indexOf(quote, open + 1);
  if (close === -1) return { end: firstEnd, finding: { at: open, problem: 'a quote that is never closed' } };

  const value = text.slice(open + 1, close);
  const rest = matchAt(restAfterQuote, text, close + 1);
  const spansLines = close > firstEnd;
  // A forgotten closing quote pairs up with the opening one of a later line.
  if (spansLines && (rest === undefined || endsInAssignment.test(value))) {
    return { end: firstEnd, finding: { at: open, problem: 'a quote that is not closed before the next assignment' } };
  }
  const end = endOfLine(text, close);
  const inside = oddInQuotes(value, quote);
  if (inside !== undefined) return { end, finding: { at: open + 1 + inside.at, problem: inside.problem } };
  if (rest !== undefined) return { end };
  return { end, finding: { at: close + 1, problem: 'text after the closing quote, or that quote inside the value' } };
}

function oddInQuotes(value: string, quote: string): Finding | undefined {
  const control = /[\0\r]/.exec(value);
  if (control !== null) return { at: control.index, problem: 'a carriage return or NUL inside quotes' };
  const backslash = quote === '"' ? /\\(?!n)/.exec(value) : /\\$/.exec(value);
  if (backslash === null) return undefined;
  return quote === '"'
    ? { at: backslash.index, problem: 'a backslash other than \\n in double quotes; single quotes keep it as it is' }
    : { at: backslash.index, problem: 'a backslash before the closing quote' };
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}

/** Where the line ends, in front of its LF or CRLF. */
function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  if (end === -1) return text.length;
  return end > at && text[end - 1] === '\r' ? end - 1 : end;
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t';
}

function placeOf(text: string, at: number): Pick<AmbiguousLine, 'line' | 'column'> {
  const before = text.slice(0, at);
  return { line: before.split('\n').length, column: at - before.lastIndexOf('\n') };
}
