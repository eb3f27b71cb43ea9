import { readFile } from 'node:fs/promises';

import { type Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';

import type { ProblemPath } from '../checks/problem.ts';
import { type Position, type RegistryError, unreadable } from '../errors.ts';
import { jsonMistake, keysIn, keysWritten } from './json-syntax.ts';
import type { Source, TextOf } from './source.ts';

/** Reads a YAML file. Throws `REGISTRY_UNREADABLE` at the first thing that is not YAML. */
export async function readYaml(file: string, textOf: TextOf = textOnDisk): Promise<Source> {
  return parse(file, await readText(file, textOf), 'YAML');
}

/** Reads a JSON file. Throws `REGISTRY_UNREADABLE` at the first thing that is not JSON. */
export async function readJson(file: string, textOf: TextOf = textOnDisk): Promise<Source> {
  const text = await readText(file, textOf);
  const position = jsonMistake(text);
  if (position !== undefined) throw syntaxError(file, 'not JSON from here on', position);
  // JSON is YAML too, and YAML's parser knows where everything is and which keys are there twice; but it takes its time.
  const value: unknown = JSON.parse(text);
  if (keysIn(value) !== keysWritten(text)) return parse(file, text, 'JSON');
  return { value, locate: (path) => parse(file, text, 'JSON').locate(path) };
}

async function readText(file: string, textOf: TextOf): Promise<string> {
  const text = await textOf(file);
  if (text !== undefined) return text;
  throw unreadable({ file, reason: 'there is no such file', hint: `ls -l ${file}` });
}

async function textOnDisk(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw unreadable({ file, reason: 'the file cannot be read', hint: `ls -l ${file}`, cause });
  }
}

function parse(file: string, text: string, language: 'YAML' | 'JSON'): Source {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [mistake] = [...document.errors, ...document.warnings];
  if (mistake !== undefined) {
    throw syntaxError(file, `not ${language}: ${withoutQuotes(mistake.message)}`, positionAt(lines, mistake.pos[0]));
  }
  try {
    return { value: document.toJS(), locate: (path) => locate(document, lines, path) };
  } catch (error) {
    throw syntaxError(file, `not ${language}: ${error instanceof Error ? withoutQuotes(error.message) : 'unreadable'}`);
  }
}

/** The parser quotes the file, after a colon or in quotes, and what it quotes may be a secret. */
function withoutQuotes(message: string): string {
  return message.replace(/(?:(?<=\S):| "|;).*$/s, '');
}

function syntaxError(file: string, reason: string, position?: Position): RegistryError {
  return unreadable({ file, reason, hint: `correct the syntax of ${file}`, position });
}

/** Goes down the path as far as the file does: what is missing is where it should have been. */
function locate(document: Document, lines: LineCounter, path: ProblemPath): Position {
  let node: unknown = document.contents;
  let found: unknown = node;
  for (const key of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
      if (pair === undefined) break;
      found = pair.key;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(key)];
      found = node ?? found;
    } else break;
  }
  return positionAt(lines, isNode(found) ? (found.range?.[0] ?? 0) : 0);
}

function positionAt(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}
