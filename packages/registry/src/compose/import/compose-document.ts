import { type Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';

import type { ProblemPath } from '../../checks/problem.ts';
import { type Position, unreadable } from '../../errors.ts';
import { isRecord } from '../../plan/merge.ts';

/** What a compose file holds, its anchors and merge keys resolved, and where in it each thing stands. */
export interface ComposeDocument {
  readonly content: Readonly<Record<string, unknown>>;
  /** Of the nearest thing that there is. */
  readonly locate: (path: ProblemPath) => Required<Position>;
}

/** Throws `REGISTRY_UNREADABLE` where the text is no YAML, or holds no services. */
export function readComposeDocument(text: string, file: string): ComposeDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true });
  const [mistake] = document.errors;
  if (mistake !== undefined) {
    // The parser quotes the file after a colon, and what it quotes may be a secret.
    const reason = `not YAML: ${mistake.message.replace(/(?:(?<=\S):| "|;).*$/s, '')}`;
    throw unreadable({ file, reason, hint: `correct the syntax of ${file}`, position: at(lines, mistake.pos[0]) });
  }
  const content: unknown = document.toJS({ maxAliasCount: 10_000 });
  if (!isRecord(content) || !isRecord(content.services)) {
    const hint = 'name a compose file; one of version 1 has its services at the top, put them under `services:`';
    throw unreadable({ file, reason: 'expected a compose file, with services', hint });
  }
  return { content, locate: (path) => at(lines, offsetOf(document, path)) };
}

function offsetOf(document: Document, path: ProblemPath): number {
  let node: unknown = document.contents;
  let found = node;
  for (const key of path) {
    const step = stepInto(resolved(node, document), key, document);
    if (step === undefined) break;
    [found, node] = step;
  }
  return isNode(found) ? (found.range?.[0] ?? 0) : 0;
}

function stepInto(
  node: unknown,
  key: string | number,
  document: Document,
): readonly [place: unknown, value: unknown] | undefined {
  if (isSeq(node)) {
    const item = node.items[Number(key)];
    return item === undefined ? undefined : [item, item];
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
  if (pair !== undefined) return [pair.key, pair.value];
  // What is merged in stands elsewhere; a reader looks for it where it is merged.
  const merged = node.items.find((item) => isScalar(item.key) && String(item.key.value) === '<<');
  if (merged === undefined) return undefined;
  const sources = resolved(merged.value, document);
  const maps = isSeq(sources) ? sources.items : [sources];
  const inside = maps.map((map) => stepInto(resolved(map, document), key, document)).find((step) => step !== undefined);
  return inside === undefined ? undefined : [merged.key, inside[1]];
}

function resolved(node: unknown, document: Document): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

function at(lines: LineCounter, offset: number): Required<Position> {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}
