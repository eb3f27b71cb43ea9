import type { SqlDialect } from './dialect.ts';

/** A part of SQL that matters: a word, a number, a quoted text or name, an operator. */
export interface SqlToken {
  readonly text: string;
  readonly start: number;
  /** Where it starts, counted from 1. */
  readonly line: number;
}

export interface Tokens {
  readonly tokens: readonly SqlToken[];
  /** A comment is what the database skips: one that it executes, as MySQL does, is a token. */
  readonly comments: readonly SqlToken[];
  /** The line of something that never ends, or cannot stand there at all; nothing after it was read. */
  readonly unreadableLine: number | undefined;
}

interface Lexemes {
  readonly comments: readonly RegExp[];
  readonly tokens: readonly RegExp[];
}

const space = /[ \t\n\f\r]+/;
const lineComment = /--[^\n]*/;
const blockComment = /\/\*[\s\S]*?\*\//;
const doubleQuoted = /"[^"]*(?:""[^"]*)*"/;
const backticked = /`[^`]*(?:``[^`]*)*`/;
const number = /\d[\w.]*(?:(?<=[eE])[+-]\d+)?/;
const word = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/;

// What opens a comment or a quote is no symbol: left over, it means that the end is missing. Neither is NUL, at which
// SQLite would stop reading.
const lexemesOf: Readonly<Record<SqlDialect, Lexemes>> = {
  sqlite: {
    comments: [lineComment, blockComment],
    tokens: [
      // A blob literal is one token: x'00' and x '00' are different things.
      /[xX]?'[^']*(?:''[^']*)*'/,
      doubleQuoted,
      backticked,
      /\[[^\]]*\]/,
      number,
      word,
      /->>|->|\|\||<=|>=|<>|<<|>>|==|!=/,
      /(?!\/\*)[^'"`[\0]/,
    ],
  },
  postgresql: {
    // Block comments nest there: see `nestedComment`.
    comments: [lineComment],
    tokens: [
      // With E a backslash takes the next character along; b, n, u& and x say what kind of text it is.
      /[eE]'[^'\\]*(?:(?:\\[\s\S]|'')[^'\\]*)*'/,
      /(?:[bBnNxX]|[uU]&)?'[^']*(?:''[^']*)*'/,
      /(?:[uU]&)?"[^"]*(?:""[^"]*)*"/,
      /\$(?<tag>(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?)\$[\s\S]*?\$\k<tag>\$/,
      /\$\d+/,
      number,
      // Not one that opens a text without an end.
      new RegExp(`(?![eE]')${word.source}`),
      /::|:=|\.\.|(?:(?!--|\/\*)[+\-*/<>=~!@#%^&|`?])+/,
      /(?!\/\*|[eE]'|\$(?:[A-Za-z_\u0080-\uffff]\w*)?\$)[^'"\0]/,
    ],
  },
  mysql: {
    // Two hyphens need a space after them: 5--3 is 8.
    comments: [/--(?=[\s\0-\x1f]|$)[^\n]*/, /#[^\n]*/, /\/\*(?!M?!|\+)[\s\S]*?\*\//],
    tokens: [
      // Comments that are executed, and hints for the optimizer.
      /\/\*(?:M?!|\+)(?:'[^'\\]*(?:(?:\\[\s\S]|'')[^'\\]*)*'|"[^"\\]*(?:(?:\\[\s\S]|"")[^"\\]*)*"|(?!\*\/)[^'"])*\*\//,
      /[bBnNxX]?'[^'\\]*(?:(?:\\[\s\S]|'')[^'\\]*)*'/,
      /"[^"\\]*(?:(?:\\[\s\S]|"")[^"\\]*)*"/,
      backticked,
      /@@?[\w$.\u0080-\uffff]+/,
      number,
      word,
      /->>|->|\|\||&&|<=>|<=|>=|<>|<<|>>|!=|:=/,
      /(?!\/\*)[^'"`\0]/,
    ],
  },
};

const patterns: Readonly<Record<SqlDialect, RegExp>> = {
  sqlite: patternOf(lexemesOf.sqlite),
  postgresql: patternOf(lexemesOf.postgresql),
  mysql: patternOf(lexemesOf.mysql),
};

/** Reads SQL as the database does, so far as to tell what matters from comments and white space. */
export function tokenize(sql: string, dialect: SqlDialect): Tokens {
  const pattern = patterns[dialect];
  const tokens: SqlToken[] = [];
  const comments: SqlToken[] = [];
  let line = 1;
  let position = 0;
  while (position < sql.length) {
    pattern.lastIndex = position;
    const nested =
      dialect === 'postgresql' && sql.startsWith('/*', position) ? nestedComment(sql, position) : undefined;
    const match = nested === undefined ? pattern.exec(sql) : null;
    const text = nested ?? match?.[0];
    if (text === undefined) return { tokens, comments, unreadableLine: line };
    const token = { text, start: position, line };
    if (nested !== undefined || match?.groups?.comment !== undefined) comments.push(token);
    else if (match?.groups?.space === undefined) tokens.push(token);
    line += text.split('\n').length - 1;
    position += text.length;
  }
  return { tokens, comments, unreadableLine: undefined };
}

/** Undefined when it does not end. */
function nestedComment(sql: string, start: number): string | undefined {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = start;
  let depth = 0;
  for (let match = mark.exec(sql); match !== null; match = mark.exec(sql)) {
    depth += match[0] === '/*' ? 1 : -1;
    if (depth === 0) return sql.slice(start, mark.lastIndex);
  }
  return undefined;
}

function patternOf({ comments, tokens }: Lexemes): RegExp {
  return new RegExp(`(?<space>${space.source})|(?<comment>${alternatives(comments)})|${alternatives(tokens)}`, 'y');
}

function alternatives(expressions: readonly RegExp[]): string {
  return expressions.map(({ source }) => source).join('|');
}
