/** A part of SQL that matters: a word, a number, a quoted text or name, an operator. */
export interface SqlToken {
  readonly text: string;
  readonly start: number;
  /** Where it starts, counted from 1. */
  readonly line: number;
}

export interface Tokens {
  readonly tokens: readonly SqlToken[];
  /** The line of something that never ends, or cannot stand there at all; nothing after it was read. */
  readonly unreadableLine: number | undefined;
}

const skipped = [/[ \t\n\f\r]+/, /--[^\n]*/, /\/\*[\s\S]*?\*\//];
// A blob literal is one token: x'00' and x '00' are different things.
const quoted = [/[xX]?'[^']*(?:''[^']*)*'/, /"[^"]*(?:""[^"]*)*"/, /`[^`]*(?:``[^`]*)*`/, /\[[^\]]*\]/];
const words = [/\d[\w.]*(?:(?<=[eE])[+-]\d+)?/, /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/];
// What opens a comment or a quote is no symbol: left over, it means that the end is missing.
// Neither is NUL, at which SQLite would stop reading.
const symbols = [/->>|->|\|\||<=|>=|<>|<<|>>|==|!=/, /(?!\/\*)[^'"`[\0]/];

const lexeme = new RegExp(`(${alternatives(skipped)})|${alternatives([...quoted, ...words, ...symbols])}`, 'y');

/** Reads SQL as SQLite does, so far as to tell what matters from comments and white space. */
export function tokenize(sql: string): Tokens {
  const tokens: SqlToken[] = [];
  let line = 1;
  let position = 0;
  while (position < sql.length) {
    lexeme.lastIndex = position;
    const match = lexeme.exec(sql);
    if (match === null) return { tokens, unreadableLine: line };
    const [text, isSkipped] = match;
    if (isSkipped === undefined) tokens.push({ text, start: position, line });
    line += text.split('\n').length - 1;
    position += text.length;
  }
  return { tokens, unreadableLine: undefined };
}

function alternatives(patterns: readonly RegExp[]): string {
  return patterns.map(({ source }) => source).join('|');
}
