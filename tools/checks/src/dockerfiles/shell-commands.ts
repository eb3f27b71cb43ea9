export interface ShellScript {
  /** The words of each simple command, without quotes, assignments and redirections before its name. */
  readonly commands: readonly (readonly string[])[];
  readonly hasPipe: boolean;
}

const keywords = new Set(['!', '{', '}', 'do', 'done', 'elif', 'else', 'fi', 'if', 'then', 'until', 'while']);

/** The commands of a script for a POSIX shell, also those in `$(…)` and `(…)`; variables are left as they are. */
export function readScript(script: string): ShellScript {
  const reader = new ScriptReader(script);
  reader.read(undefined);
  return { commands: reader.commands.map(nameFirst).filter((words) => words.length > 0), hasPipe: reader.hasPipe };
}

function nameFirst(words: readonly string[]): readonly string[] {
  const start = words.findIndex((word) => !keywords.has(word) && !/^\w+=/.test(word));
  return start === -1 ? [] : words.slice(start);
}

class ScriptReader {
  readonly commands: (readonly string[])[] = [];
  hasPipe = false;
  readonly #script: string;
  #at = 0;

  constructor(script: string) {
    this.#script = script;
  }

  /** Up to the end, or behind the character that closes what is read. */
  read(closing: string | undefined): void {
    let words: string[] = [];
    const endCommand = () => {
      this.commands.push(words);
      words = [];
    };
    while (this.#at < this.#script.length) {
      const char = this.#script.charAt(this.#at);
      if (char === closing) {
        this.#at += 1;
        break;
      }
      if (/[ \t]/.test(char)) this.#at += 1;
      else if (this.#script.startsWith('\\\n', this.#at)) this.#at += 2;
      else if (char === '#') this.#skipLine();
      else if (/[;&|\n()]/.test(char)) {
        endCommand();
        this.#readOperator(char);
      } else words.push(this.#readWord(closing));
    }
    endCommand();
  }

  #readOperator(char: string): void {
    this.#at += 1;
    const doubled = this.#script.charAt(this.#at) === char;
    if (char === '|' && !doubled) this.hasPipe = true;
    if (/[;&|]/.test(char) && doubled) this.#at += 1;
  }

  #readWord(closing: string | undefined): string {
    let word = '';
    while (this.#at < this.#script.length) {
      const char = this.#script.charAt(this.#at);
      // The & of `2>&1` begins no command.
      const ends = /[ \t;|\n()]/.test(char) || (char === '&' && !word.endsWith('>'));
      if (char === closing || ends) break;
      if (char === "'") word += this.#readQuoted();
      else if (char === '"') word += this.#readDoublyQuoted();
      else word += this.#readCharacter();
    }
    return word;
  }

  #readQuoted(): string {
    const end = this.#script.indexOf("'", this.#at + 1);
    const text = this.#script.slice(this.#at + 1, end === -1 ? undefined : end);
    this.#at += text.length + 2;
    return text;
  }

  #readDoublyQuoted(): string {
    let text = '';
    for (this.#at += 1; this.#at < this.#script.length && this.#script.charAt(this.#at) !== '"';) {
      text += this.#readCharacter();
    }
    this.#at += 1;
    return text;
  }

  #readCharacter(): string {
    const start = this.#at;
    if (this.#script.startsWith('\\', start)) {
      this.#at += 2;
      const escaped = this.#script.charAt(start + 1);
      return escaped === '\n' ? '' : escaped;
    }
    if (this.#script.startsWith('$(', start) || this.#script.startsWith('`', start)) {
      const [opening, closing] = this.#script.startsWith('`', start) ? (['`', '`'] as const) : (['$(', ')'] as const);
      this.#at += opening.length;
      this.read(closing);
      return this.#script.slice(start, this.#at);
    }
    this.#at += 1;
    return this.#script.charAt(start);
  }

  #skipLine(): void {
    const end = this.#script.indexOf('\n', this.#at);
    this.#at = end === -1 ? this.#script.length : end;
  }
}
