import { readdirSync, readFileSync } from 'node:fs';

import ts from 'typescript';

/** What the comments on the keys of one `object({ … })` say. */
export type KeyComments = ReadonlyMap<string, string | undefined>;

/** The keys of an object, with the value of each that can have only one. */
export type ObjectKeys = Readonly<Record<string, string | undefined>>;

interface CommentedKey {
  readonly literal: string | undefined;
  readonly comment: string | undefined;
}

const folder = new URL('../../src/', import.meta.url);

/**
 * What the comments in the schemas say of keys, by `identityOf` the object: so the schemas are documented in one place,
 * for editors of TypeScript and of YAML.
 */
export function readKeyComments(): ReadonlyMap<string, KeyComments> {
  const files = readdirSync(folder).filter((name) => name.endsWith('-schema.ts'));
  const sources = files.map((name) =>
    ts.createSourceFile(name, readFileSync(new URL(name, folder), 'utf8'), ts.ScriptTarget.Latest, true),
  );
  const constants = new Map(sources.flatMap((source) => constantsOf(source)));
  const found = new Map<string, KeyComments>();
  for (const literal of sources.flatMap((source) => objectsIn(source))) {
    const keys = keysOf(literal, constants);
    const comments = new Map([...keys].map(([key, { comment }]) => [key, comment]));
    const identity = identityOf(Object.fromEntries([...keys].map(([key, { literal: value }]) => [key, value])));
    const known = found.get(identity);
    const clashing = [...comments].find(([key, comment]) => known !== undefined && known.get(key) !== comment);
    if (clashing !== undefined) throw new Error(`two objects with the keys ${identity}: ${clashing[0]} differs`);
    found.set(identity, comments);
  }
  return found;
}

/** What an object is known by: its keys. */
export function identityOf(keys: ObjectKeys): string {
  const named = Object.entries(keys).map(([key, literal]) => (literal === undefined ? key : `${key}=${literal}`));
  return named.sort().join(' ');
}

interface Constant {
  readonly value: ts.Expression;
  readonly comment: string | undefined;
}

type Constants = ReadonlyMap<string, Constant>;

function constantsOf(source: ts.SourceFile): readonly (readonly [string, Constant])[] {
  return source.statements
    .filter(ts.isVariableStatement)
    .flatMap((statement) =>
      statement.declarationList.declarations.flatMap(({ name, initializer }) =>
        ts.isIdentifier(name) && initializer !== undefined
          ? [[name.text, { value: initializer, comment: commentOn(statement) }] as const]
          : [],
      ),
    );
}

function objectsIn(node: ts.Node): readonly ts.Expression[] {
  const inside: ts.Expression[] = [];
  node.forEachChild((child) => {
    inside.push(...objectsIn(child));
  });
  const isObject = ts.isCallExpression(node) && node.expression.getText() === 'object';
  return isObject ? [...node.arguments, ...inside] : inside;
}

function keysOf(shape: ts.Expression, constants: Constants): ReadonlyMap<string, CommentedKey> {
  if (ts.isIdentifier(shape)) {
    const constant = constants.get(shape.text);
    return constant === undefined ? new Map() : keysOf(constant.value, constants);
  }
  if (!ts.isObjectLiteralExpression(shape)) return new Map();
  return new Map(
    shape.properties.flatMap((property): readonly (readonly [string, CommentedKey])[] => {
      if (ts.isSpreadAssignment(property)) return [...keysOf(property.expression, constants)];
      const value = ts.isPropertyAssignment(property) ? property.initializer : property.name;
      const literal = /^z\.literal\('(.*)'\)$/.exec(value.getText())?.[1];
      const comment = commentOn(property) ?? constants.get(firstName(value))?.comment;
      return [[property.name.getText(), { literal, comment }]];
    }),
  );
}

/** `healthSchema` of `healthSchema.prefault({})`, whose comment holds where the key has none of its own. */
function firstName(value: ts.Node): string {
  if (ts.isIdentifier(value)) return value.text;
  return ts.isCallExpression(value) || ts.isPropertyAccessExpression(value) ? firstName(value.expression) : '';
}

function commentOn(node: ts.Node): string | undefined {
  const text = node.getSourceFile().text;
  const comment = ts
    .getLeadingCommentRanges(text, node.getFullStart())
    ?.map(({ pos, end }) => text.slice(pos, end))
    .findLast((each) => each.startsWith('/**'));
  return comment
    ?.slice('/**'.length, -'*/'.length)
    .replaceAll(/\n\s*\*/g, '\n')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
