import {
  type Dockerfile,
  DockerfileParser,
  From,
  type Instruction as Parsed,
  ModifiableInstruction,
} from 'dockerfile-ast';

export interface Instruction {
  readonly keyword: string;
  /** From 1. */
  readonly line: number;
  /** `--mount=…` may stand there more than once. */
  readonly flags: readonly { readonly name: string; readonly value: string }[];
  /** What follows keyword and flags: lines joined as the builder joins them, without comments and documents. */
  readonly text: string;
  /** The same, split at spaces. */
  readonly words: readonly string[];
  /** What `<<EOF` gives, in its order. */
  readonly documents: readonly string[];
  /** The strings of `["…", "…"]`; undefined for other texts. */
  readonly json: readonly string[] | undefined;
}

/** From a FROM to the next one. */
export interface Stage {
  readonly name: string | undefined;
  /** What it starts from, with the defaults of arguments in their place; `$…` where they have none. */
  readonly image: string;
  readonly line: number;
  readonly instructions: readonly Instruction[];
}

export interface ReadDockerfile {
  readonly stages: readonly Stage[];
  /** Whether `# hadolint ignore=<codes>` on the line before, or `# hadolint global ignore=<codes>`, excepts a line. */
  readonly isIgnored: (code: string, line: number) => boolean;
}

export function readDockerfile(text: string): ReadDockerfile {
  const dockerfile = DockerfileParser.parse(text);
  const stages: (Stage & { readonly instructions: Instruction[] })[] = [];
  for (const parsed of dockerfile.getInstructions()) {
    if (parsed instanceof From) {
      const image = withDefaults(parsed.getImage() ?? '', dockerfile);
      const name = parsed.getBuildStage()?.toLowerCase();
      stages.push({ name, image, line: lineOf(parsed), instructions: [] });
    } else {
      stages.at(-1)?.instructions.push(readInstruction(parsed, dockerfile.getEscapeCharacter()));
    }
  }
  return { stages, isIgnored: readExceptions(text) };
}

function withDefaults(image: string, dockerfile: Dockerfile): string {
  const defaults = new Map(
    dockerfile
      .getInitialARGs()
      .flatMap((arg) => arg.getProperties())
      .map((property) => [property.getName(), property.getUnescapedValue()]),
  );
  return image.replaceAll(/\$(?:(\w+)|\{(\w+)\})/g, (variable, plain?: string, braced?: string) => {
    return defaults.get(plain ?? braced ?? '') ?? variable;
  });
}

function readInstruction(parsed: Parsed, escape: string): Instruction {
  const flags = parsed instanceof ModifiableInstruction ? parsed.getFlags() : [];
  const { first, rest } = splitLines(parsed.getRawArgumentsContent() ?? '', escape);
  const text = first.trim();
  return {
    keyword: parsed.getKeyword(),
    line: lineOf(parsed),
    flags: flags.map((flag) => ({ name: flag.getName(), value: flag.getValue() ?? '' })),
    text,
    words: text.split(/\s+/),
    documents: documentsOf(text, rest),
    json: strings(text),
  };
}

/** The first line with those that it goes on in, and what comes after it. */
function splitLines(text: string, escape: string): { readonly first: string; readonly rest: readonly string[] } {
  const lines = text.split(/\r?\n/);
  let first = '';
  for (const [index, line] of lines.entries()) {
    if (index > 0 && (/^\s*#/.test(line) || line.trim() === '')) continue;
    const content = line.trimEnd();
    if (!content.endsWith(escape)) return { first: first + line, rest: lines.slice(index + 1) };
    first += content.slice(0, -escape.length);
  }
  return { first, rest: [] };
}

function documentsOf(text: string, lines: readonly string[]): readonly string[] {
  let rest = lines;
  const delimiters = Array.from(text.matchAll(/<<-?(["']?)(\w+)\1/g), ([, , delimiter = '']) => delimiter);
  return delimiters.map((delimiter) => {
    const end = rest.findIndex((line) => line.trim() === delimiter);
    const document = rest.slice(0, end === -1 ? undefined : end).join('\n');
    rest = rest.slice(end + 1);
    return document;
  });
}

function strings(text: string): readonly string[] | undefined {
  if (!text.startsWith('[')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
  } catch {
    return undefined;
  }
}

function readExceptions(text: string): ReadDockerfile['isIgnored'] {
  const everywhere = new Set<string>();
  const byLine = new Map<number, readonly string[]>();
  // Not by the parser's comments: on the first lines it takes these for directives.
  for (const [index, line] of text.split('\n').entries()) {
    const [, global, codes = ''] = /^\s*#\s*hadolint (global )?ignore=([\w, ]+)/.exec(line) ?? [];
    const named = codes.split(',').map((code) => code.trim());
    if (global !== undefined) for (const code of named) everywhere.add(code);
    else byLine.set(index + 2, named);
  }
  return (code, line) => everywhere.has(code) || byLine.get(line)?.includes(code) === true;
}

function lineOf(parsed: Parsed): number {
  return parsed.getRange().start.line + 1;
}
