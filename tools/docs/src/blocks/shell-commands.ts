/** A simple command in a shell block. */
export interface ShellCommand {
  /** Of the block, from 0 on. */
  readonly line: number;
  /** Without quotes, variables as they are written. */
  readonly words: readonly string[];
}

type Token =
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'end' }
  /** `> file`: the next word is no argument. */
  | { readonly kind: 'redirection' };

const separators = /^(?:&&|\|\||;;|[;|&()])/;
// A placeholder such as <name> is a word.
const redirection = /^\d?(?:>>|>&|<<<|<<-?|>|<(?![a-z][\w .-]*>))&?/i;

/** The simple commands of a shell block: split at separators, without comments, assignments before them and redirections. */
export function shellCommands(text: string): readonly ShellCommand[] {
  const commands: ShellCommand[] = [];
  let hereEnd: string | null = null;
  let continued = '';
  let begun = 0;
  for (const [index, line] of text.split('\n').entries()) {
    if (hereEnd !== null) {
      if (line.trim() === hereEnd) hereEnd = null;
      continue;
    }
    if (continued === '') begun = index;
    if (line.endsWith('\\')) {
      continued += `${line.slice(0, -1)} `;
      continue;
    }
    const whole = continued + line;
    continued = '';
    hereEnd = /<<-?\s*['"]?(?<end>\w+)/.exec(whole)?.groups?.end ?? null;
    commands.push(...commandsOf(tokens(whole)).map((words) => ({ line: begun, words })));
  }
  return commands;
}

function commandsOf(all: readonly Token[]): readonly (readonly string[])[] {
  const commands: string[][] = [[]];
  let skipNext = false;
  for (const token of all) {
    if (token.kind === 'end') commands.push([]);
    else if (token.kind === 'redirection') skipNext = true;
    else if (skipNext) skipNext = false;
    else commands.at(-1)?.push(token.text);
  }
  return commands.map(withoutAssignments).filter((words) => words.length > 0);
}

function withoutAssignments(words: readonly string[]): readonly string[] {
  const first = words.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word) && word !== '$' && word !== 'env');
  return first === -1 ? [] : words.slice(first);
}

function tokens(line: string): readonly Token[] {
  const found: Token[] = [];
  let rest = line.trimStart();
  while (rest !== '' && !rest.startsWith('#')) {
    const [token, length] = nextToken(rest);
    found.push(token);
    rest = rest.slice(length).trimStart();
  }
  return found;
}

function nextToken(rest: string): readonly [Token, number] {
  const moved = redirection.exec(rest);
  if (moved !== null) return [{ kind: 'redirection' }, moved[0].length];
  const ended = separators.exec(rest);
  if (ended !== null) return [{ kind: 'end' }, ended[0].length];
  const [text = ''] =
    /^(?:<[a-z][\w .-]*>|"(?:[^"\\]|\\.)*"?|'[^']*'?|\$\([^)]*\)?|\$\{[^}]*\}?|\\.|[^\s"'\\;|&()<>])+/i.exec(rest) ??
    [];
  // What begins no word, such as a lone `>`, is passed over.
  if (text === '') return [{ kind: 'end' }, 1];
  return [{ kind: 'word', text: text.replaceAll(/"((?:[^"\\]|\\.)*)"?|'([^']*)'?|\\(.)/g, '$1$2$3') }, text.length];
}
