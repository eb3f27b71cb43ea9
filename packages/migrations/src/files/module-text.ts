const space = /(?:\s|\/\/[^\n\r\u2028\u2029]*|\/\*[\s\S]*?\*\/)+/y;
const quoted = /'[^'\\\n]*(?:\\[\s\S][^'\\\n]*)*'|"[^"\\\n]*(?:\\[\s\S][^"\\\n]*)*"/y;
const word = /[\w$\u0080-\uffff]+/y;
const regularExpression = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/\w*/y;
/** From a backtick, or the end of an embedded expression, to the next of them. */
const templatePart = /[`}][^`\\$]*(?:(?:\\[\s\S]|\$(?!\{))[^`\\$]*)*(?:`|\$\{)/y;

/** Words, also names of properties, after which a `/` may start a regular expression or divide. */
const keyword = /^(?:await|case|default|delete|do|else|in|instanceof|new|of|return|throw|typeof|void|yield)$/;

/**
 * JavaScript without its comments and layout: indentation, blank lines, line endings and spaces beside punctuation.
 * Line breaks between code stay, as they can end a statement. Never makes two programs with different meanings equal:
 * where a `/` could be a division or the start of a regular expression, the text stays as it is.
 */
export function significantText(source: string): string {
  return new ModuleReader(source).read() ?? source.replaceAll('\r\n', '\n').trim();
}

class ModuleReader {
  readonly #source: string;
  #position = 0;
  #written = '';
  /** The last token: tells what a `/` is. */
  #last = '';
  /** For each template literal around the position, how many braces are open in its embedded expression. */
  readonly #openBraces: number[] = [];

  constructor(source: string) {
    this.#source = source;
  }

  /** Undefined where it cannot be sure what it reads. */
  read(): string | undefined {
    while (this.#position < this.#source.length) {
      const separator = separatorFor(this.#take(space));
      if (this.#position === this.#source.length) break;
      const token = this.#token();
      if (token === undefined) return undefined;
      if (separator === '\n' || (separator === ' ' && needsSpace(this.#last, token))) this.#written += separator;
      this.#written += token;
      this.#last = token;
    }
    return this.#openBraces.length === 0 ? this.#written.trimStart() : undefined;
  }

  #token(): string | undefined {
    const next = this.#source[this.#position] ?? '';
    if (next === "'" || next === '"') return this.#take(quoted);
    if (next === '`') return this.#template();
    if (next === '/') return this.#slash();
    if (next === '{' || next === '}') return this.#brace(next);
    return this.#take(word) ?? this.#single();
  }

  #slash(): string | undefined {
    if (/^[(,=:[!&|?;{]?$/.test(this.#last)) return this.#take(regularExpression);
    const endsAnOperand = /[\w$\]'"`\u0080-\uffff]$/.test(this.#last) && !keyword.test(this.#last);
    return endsAnOperand ? this.#single() : undefined;
  }

  #template(): string | undefined {
    const part = this.#take(templatePart);
    if (part?.endsWith('${') === true) this.#openBraces.push(0);
    return part;
  }

  #brace(brace: '{' | '}'): string | undefined {
    const open = this.#openBraces.pop();
    if (open === undefined) return this.#single();
    if (brace === '}' && open === 0) return this.#template();
    this.#openBraces.push(brace === '{' ? open + 1 : open - 1);
    return this.#single();
  }

  #single(): string {
    const character = this.#source[this.#position] ?? '';
    this.#position += 1;
    return character;
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#position;
    const text = pattern.exec(this.#source)?.[0];
    this.#position += text?.length ?? 0;
    return text;
  }
}

function separatorFor(skipped: string | undefined): '' | ' ' | '\n' {
  if (skipped === undefined) return '';
  return /[\n\r\u2028\u2029]/.test(skipped) ? '\n' : ' ';
}

/** `return x` and `a + +b` need theirs; beside brackets, and between a word and punctuation, a space means nothing. */
function needsSpace(before: string, after: string): boolean {
  const neighbours = [before.at(-1) ?? '', after[0] ?? ''];
  if (neighbours.some((character) => '()[]{},;'.includes(character))) return false;
  return neighbours.every(isWord) || !neighbours.some(isWord);
}

function isWord(character: string): boolean {
  return /[\w$\u0080-\uffff]/.test(character);
}
