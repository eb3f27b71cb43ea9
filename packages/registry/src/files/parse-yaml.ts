import { type Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, type Pair, parseDocument } from 'yaml';

import type { ProblemPath } from '../checks/problem.ts';
import { type Position, unreadable } from '../errors.ts';

export interface ParseYamlOptions {
  readonly file: string;
  readonly text: string;
  /** JSON is YAML, too. In compose files `<<` merges, and tags say what is there besides. */
  readonly language: 'JSON' | 'YAML' | 'compose';
}

export interface ParsedYaml {
  readonly value: unknown;
  /** Goes down the path as far as the file does: what is missing is where it should have been. */
  readonly locate: (path: ProblemPath) => Required<Position>;
}

/** So often may one anchor be named; more is made to exhaust the memory. */
const maxAliasCount = 10_000;

/** What a text holds, and where. Throws `REGISTRY_UNREADABLE` at the first thing that is not YAML. */
export function parseYaml({ file, text, language }: ParseYamlOptions): ParsedYaml {
  const lines = new LineCounter();
  const isCompose = language === 'compose';
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: isCompose });
  const failed = (message: string, position?: Position) => {
    const reason = `not ${language === 'JSON' ? 'JSON' : 'YAML'}: ${withoutQuotes(message)}`;
    return unreadable({ file, reason, hint: `correct the syntax of ${file}`, position });
  };
  const [mistake] = [...document.errors, ...(isCompose ? [] : document.warnings)];
  if (mistake !== undefined) throw failed(mistake.message, positionAt(lines, mistake.pos[0]));
  try {
    const value: unknown = document.toJS({ maxAliasCount });
    return { value, locate: (path) => positionAt(lines, offsetOf(document, path)) };
  } catch (error) {
    throw failed(error instanceof Error ? error.message : 'unreadable');
  }
}

/** The parser quotes the file, after a colon or in quotes, and what it quotes may be a secret. */
function withoutQuotes(message: string): string {
  return message.replace(/(?:(?<=\S):| "|;).*$/s, '');
}

function offsetOf(document: Document, path: ProblemPath): number {
  let node: unknown = document.contents;
  let found = node;
  for (const key of path) {
    const step = stepInto(node, key, document);
    if (step === undefined) break;
    [found, node] = step;
  }
  return isNode(found) ? (found.range?.[0] ?? 0) : 0;
}

type Step = readonly [place: unknown, value: unknown];

function stepInto(written: unknown, key: string | number, document: Document): Step | undefined {
  const node = resolved(written, document);
  if (isSeq(node)) {
    const item = node.items[Number(key)];
    return item === undefined ? undefined : [item, item];
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
  return pair === undefined ? stepIntoMerged(node.items, key, document) : [pair.key, pair.value];
}

/** What is merged in stands elsewhere; a reader looks for it where it is merged. */
function stepIntoMerged(pairs: readonly Pair[], key: string | number, document: Document): Step | undefined {
  const merged = pairs.find((pair) => isScalar(pair.key) && typeof pair.key.value === 'symbol');
  if (merged === undefined) return undefined;
  const sources = resolved(merged.value, document);
  const maps: readonly unknown[] = isSeq(sources) ? sources.items : [sources];
  const inside = maps.map((map) => stepInto(map, key, document)).find((step) => step !== undefined);
  return inside === undefined ? undefined : [merged.key, inside[1]];
}

function resolved(node: unknown, document: Document): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

function positionAt(lines: LineCounter, offset: number): Required<Position> {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}
