import type { SqlToken } from '../../sql/tokens.ts';

/** Reads a statement from left to right, by its words. */
export class TokenReader {
  readonly #tokens: readonly SqlToken[];
  #position = 0;

  constructor(tokens: readonly SqlToken[]) {
    this.#tokens = tokens;
  }

  get isDone(): boolean {
    return this.#position >= this.#tokens.length;
  }

  /** Where the next token starts, or the last one where none is left. */
  get at(): number {
    return (this.#tokens[this.#position] ?? this.#tokens.at(-1))?.start ?? 0;
  }

  /** The next word in capitals, a quoted name as it is; empty at the end. */
  word(ahead = 0): string {
    return this.#tokens[this.#position + ahead]?.text.toUpperCase() ?? '';
  }

  take(): string {
    const { text = '' } = this.#tokens[this.#position] ?? {};
    this.#position += 1;
    return text;
  }

  /** Goes on when these words come next. */
  takeIf(...words: readonly string[]): boolean {
    const isNext = words.every((word, index) => this.word(index) === word);
    if (isNext) this.#position += words.length;
    return isNext;
  }

  /** Goes on behind whichever of these is next, and says which. */
  takeOneOf(...words: readonly string[]): string | undefined {
    const next = this.word();
    if (!words.includes(next)) return undefined;
    this.#position += 1;
    return next;
  }

  /** A name without its quotes, in small letters, as neither database tells them apart. */
  name(): string {
    return unquoted(this.take());
  }

  /** A name with its schema, where it has one. */
  qualifiedName(): string {
    let name = this.name();
    while (this.takeIf('.')) name = `${name}.${this.name()}`;
    return name;
  }

  /** What stands in the brackets that open here; empty where none do. */
  group(): readonly SqlToken[] {
    if (this.word() !== '(') return [];
    const from = this.#position + 1;
    let depth = 0;
    do {
      const { text } = this.#tokens[this.#position] ?? { text: ')' };
      if (text === '(') depth += 1;
      if (text === ')') depth -= 1;
      this.#position += 1;
    } while (depth > 0 && !this.isDone);
    return this.#tokens.slice(from, depth === 0 ? this.#position - 1 : this.#position);
  }

  rest(): readonly SqlToken[] {
    const left = this.#tokens.slice(this.#position);
    this.#position = this.#tokens.length;
    return left;
  }
}

export function unquoted(text: string): string {
  const isQuoted = /^["`[]/.test(text) && text.length > 1;
  const [quote = ''] = text;
  const inner = isQuoted ? text.slice(1, -1).replaceAll(quote + quote, quote) : text;
  return inner.toLowerCase();
}

/** At the commas that stand in no brackets. */
export function splitAtCommas(tokens: readonly SqlToken[]): readonly (readonly SqlToken[])[] {
  const parts: SqlToken[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (token.text === '(') depth += 1;
    if (token.text === ')') depth -= 1;
    if (token.text === ',' && depth === 0) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts.filter((part) => part.length > 0);
}
