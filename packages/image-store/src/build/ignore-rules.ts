import { dirname, normalize } from 'node:path/posix';

import { dockerfileInvalid } from './dockerfile-error.ts';

interface Rule {
  readonly pattern: RegExp;
  /** Begins with `!`: takes back what rules before it ignored. */
  readonly keeps: boolean;
}

/**
 * Reads an ignore file as https://docs.docker.com/build/concepts/context/#dockerignore-files says: of the rules that
 * match a path or a folder above it, the last one counts. Throws `IMAGE_STORE_DOCKERFILE_INVALID` for a broken pattern.
 */
export function parseIgnoreRules({
  text,
  file,
}: {
  readonly text: string;
  /** Where the text is from, for errors. */
  readonly file: string;
}): (path: string) => boolean {
  const rules = text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .flatMap((line, index) => {
      const rule = parseRule(line.replace(/\r$/, ''));
      if (rule === 'broken') {
        throw dockerfileInvalid({ file, line: index + 1 }, `expected a pattern, not ${line.trim()}`, {
          hint: 'close each [ by a ] and let no \\ or ! stand alone',
        });
      }
      return rule === undefined ? [] : [rule];
    });
  return rules.length === 0 ? () => false : matcher(rules);
}

function matcher(rules: readonly Rule[]): (path: string) => boolean {
  const folders = new Map<string, readonly boolean[]>([['.', rules.map(() => false)]]);
  const matches = (path: string, above: readonly boolean[]) =>
    rules.map(({ pattern }, index) => above[index] === true || pattern.test(path));
  const matchesOfFolder = (folder: string): readonly boolean[] => {
    const known = folders.get(folder) ?? matches(folder, matchesOfFolder(dirname(folder)));
    folders.set(folder, known);
    return known;
  };
  return (path) => {
    const last = matches(path, matchesOfFolder(dirname(path))).lastIndexOf(true);
    return rules[last]?.keeps === false;
  };
}

function parseRule(line: string): Rule | 'broken' | undefined {
  const written = line.trim();
  if (line.startsWith('#') || written === '') return undefined;
  const keeps = written.startsWith('!');
  const name = keeps ? written.slice(1).trim() : written;
  if (name === '') return 'broken';
  const clean = normalize(name).replace(/(?<=.)\/$/, '');
  const pattern = compile(clean.replace(/^\/(?=.)/, ''));
  return pattern === undefined ? 'broken' : { pattern, keeps };
}

// What a pattern consists of, from its left to its right; a \ or [ that none of these takes is broken.
const token =
  /(?<any>\*\*\/?)|(?<some>\*)|(?<one>\?)|\\(?<literal>.)|\[(?<class>\^?(?:\\.|[^\]\\])+)\]|(?<other>[^\\[])/gsy;

/** Undefined for a pattern that is none. */
function compile(pattern: string): RegExp | undefined {
  let expression = '';
  let end = 0;
  for (const match of pattern.matchAll(token)) {
    end = match.index + match[0].length;
    const { any, some, one, literal, class: members, other } = match.groups ?? {};
    if (any !== undefined) expression += end === pattern.length ? '.*' : '(?:.*/)?';
    else if (some !== undefined) expression += '[^/]*';
    else if (one !== undefined) expression += '[^/]';
    else if (members !== undefined) expression += `[${members.replaceAll('[', '\\[')}]`;
    else expression += (literal ?? other ?? '').replace(/[\\^$.*+?()[\]{}|/]/, '\\$&');
  }
  if (end !== pattern.length) return undefined;
  try {
    return new RegExp(`^${expression}$`, 's');
  } catch {
    return undefined;
  }
}
