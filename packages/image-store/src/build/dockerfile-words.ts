/** What a variable stands for; undefined where nobody gave it a value. */
export type Variables = (name: string) => string | undefined;

/** A variable that an instruction needs and nobody gave a value to, or a form of it that is not understood. */
export class UnresolvedVariable extends Error {
  readonly variable: string;

  constructor(variable: string, why: string) {
    super(why);
    this.variable = variable;
  }
}

export interface ExpandOptions {
  /** The Dockerfile's escape character. */
  readonly escape: string;
  readonly variables: Variables;
}

/**
 * Replaces variables in a word and takes its quotes away, as a Dockerfile's FROM and ARG do: `$name`, `${name}`,
 * `${name:-default}`, `${name:+other}`, `${name:?message}`, the last three without the colon too. Throws
 * `UnresolvedVariable`.
 */
export function expandWord(word: string, options: ExpandOptions): string {
  let expanded = '';
  let quote = '';
  for (let at = 0; at < word.length;) {
    const char = word.charAt(at);
    if (char === quote) {
      quote = '';
      at += 1;
    } else if (quote === '' && (char === "'" || char === '"')) {
      quote = char;
      at += 1;
    } else if (quote !== "'" && char === options.escape && at + 1 < word.length) {
      expanded += word.charAt(at + 1);
      at += 2;
    } else if (quote !== "'" && char === '$') {
      const variable = variableAt(word, at);
      expanded += variable === undefined ? char : valueOf(variable, options);
      at += variable?.length ?? 1;
    } else {
      expanded += char;
      at += 1;
    }
  }
  return expanded;
}

interface Variable {
  readonly name: string;
  /** `:-`, `-`, `:+`, `+`, `:?` or `?` with what stands behind it. */
  readonly modifier: string;
  /** How much of the word it takes. */
  readonly length: number;
}

function variableAt(word: string, at: number): Variable | undefined {
  const plain = /^\$(\w+)/.exec(word.slice(at));
  if (plain !== null) return { name: plain[1] ?? '', modifier: '', length: plain[0].length };
  if (word.charAt(at + 1) !== '{') return undefined;
  const end = closingBrace(word, at + 1);
  const inside = word.slice(at + 2, end);
  const name = /^\w*/.exec(inside)?.[0] ?? '';
  return { name, modifier: inside.slice(name.length), length: end + 1 - at };
}

function closingBrace(word: string, open: number): number {
  let depth = 0;
  for (let at = open; at < word.length; at += 1) {
    if (word.charAt(at) === '{') depth += 1;
    if (word.charAt(at) === '}') depth -= 1;
    if (depth === 0) return at;
  }
  throw new UnresolvedVariable(word, 'a ${ is not closed');
}

function valueOf({ name, modifier }: Variable, options: ExpandOptions): string {
  const value = options.variables(name);
  const [, colon, operator, rest = ''] = /^(:?)([-+?])(.*)$/s.exec(modifier) ?? [];
  const given = value !== undefined && (colon !== ':' || value !== '');
  if (name === '' || (modifier !== '' && operator === undefined)) {
    throw new UnresolvedVariable(name, `\${${name}${modifier}} is not understood`);
  }
  if (operator === '-') return given ? value : expandWord(rest, options);
  if (operator === '+') return given ? expandWord(rest, options) : '';
  if (given) return value;
  throw new UnresolvedVariable(name, rest === '' ? `nothing gives ${name} a value` : `${name}: ${rest}`);
}
