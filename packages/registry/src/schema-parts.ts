import { win32 } from 'node:path';

import { z } from 'zod';

/** The longest time a timer of Node counts; a longer one would end at once. */
const longestMs = 2_147_483_647;

/** The message of every way in which a value can be wrong: what was expected there, and never the value itself. */
export function wanted(what: string) {
  const error = (issue: z.core.$ZodRawIssue): string => {
    if (issue.input === undefined) return `missing, expected ${what}`;
    const wrongKind = issue.code === 'invalid_type' && issue.expected !== 'int';
    return wrongKind ? `expected ${what}, not ${kindOf(issue.input)}` : `expected ${what}`;
  };
  return { error };
}

/** An object with these keys and no others. */
export function object<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape, wanted(`an object with ${listed(Object.keys(shape))}`));
}

const mostListed = 8;

/** Whoever writes a number or nothing where an object belongs needs to know of what kind it is, not all its keys. */
function listed(keys: readonly string[]): string {
  return keys.length <= mostListed ? keys.join(', ') : `${keys.slice(0, mostListed / 2).join(', ')} and more`;
}

export function list<Item extends z.ZodType>(item: Item, what: string) {
  return z.array(item, wanted(what));
}

export function text(pattern: RegExp, what: string) {
  return z.string(wanted(what)).regex(pattern, wanted(what));
}

export function milliseconds(minimum: number) {
  return wholeNumber(minimum, longestMs, `a whole number of milliseconds from ${minimum} to ${longestMs}`);
}

export const port = wholeNumber(0, 65_535, 'a port from 0 (any free one) to 65535');

export const serverPort = wholeNumber(1, 65_535, 'a port from 1 to 65535');

export const namePattern = /^[a-z][a-z0-9-]{0,40}$/;
const nameWanted = 'a name of at most 41 lower-case letters, digits and dashes that starts with a letter';

/** What a name is expected to be, for the messages about names that are keys. */
export const nameMessage = `expected ${nameWanted}`;

export const name = text(namePattern, nameWanted);

export const variablePattern = /^[A-Z_][A-Z0-9_]*$/;
export const variableName = text(variablePattern, 'a name of capital letters, digits and underscores');

export const variables = z
  .record(
    variableName,
    z.string(wanted('a string in quotes')),
    wanted('an object with a key for each environment variable'),
  )
  .default({});

/** The schemas of paths that start from the folder of the file they stand in. */
const fromFile = new WeakMap<z.core.$ZodType, PathKind>();

/** A Dockerfile may be named `central:<name>`, too. */
export type PathKind = 'dockerfile' | 'path';

/** Which kind of path from the registry file a schema describes; undefined for everything else. */
export function pathKind(schema: z.core.$ZodType): PathKind | undefined {
  return fromFile.get(schema);
}

/** A path from the folder of the registry file; it may lead out of there. */
export function filePath(what: string, kind: PathKind = 'path') {
  const schema = text(/./, what);
  fromFile.set(schema, kind);
  return schema;
}

/** The folder of the registry file or one below it. */
export function projectFolder() {
  const schema = folderInside('the folder of the registry file');
  fromFile.set(schema, 'path');
  return schema;
}

/** A folder that is `place` or below it, whichever system the registry is read on. */
export function folderInside(place: string) {
  const what = `a relative path inside ${place}`;
  return z.string(wanted(what)).refine(staysInside, wanted(what));
}

export function fileInside(place: string) {
  const what = `the relative path of a file inside ${place}`;
  return z.string(wanted(what)).refine((path) => staysInside(path) && !namesFolder(path), wanted(what));
}

function staysInside(path: string): boolean {
  const [first] = win32.normalize(path).split('\\');
  return path !== '' && first !== '..' && win32.parse(path).root === '';
}

function namesFolder(path: string): boolean {
  return /(?:^|[\\/])\.{0,2}$/.test(path);
}

export function wholeNumber(minimum: number, maximum: number, what: string) {
  const message = wanted(what);
  return z.number(message).int(message).min(minimum, message).max(maximum, message);
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
