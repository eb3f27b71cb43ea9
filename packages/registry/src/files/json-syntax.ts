import type { Position } from '../errors.ts';

/** Space, a text, a number, a word or a sign of JSON; a comma only where something follows it. */
const token =
  /\s+|"(?:[^"\\\p{Cc}]|\\.)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|,(?!\s*[\]}])|[[\]{}:]/uy;

/** Where `text` stops being JSON; undefined when it is JSON. */
export function jsonMistake(text: string): Position | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return positionIn(text, offsetOf(error) ?? endOfTokens(text));
  }
}

/** How many keys the objects in `text`, which is JSON, are written with. */
export function keysWritten(text: string): number {
  return [...text.matchAll(/"(?:[^"\\]|\\.)*"\s*(:)?/g)].filter(([, colon]) => colon !== undefined).length;
}

/** How many keys the objects in a value have: fewer than were written where one is there twice. */
export function keysIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const inside = Object.values(value);
  return inside.reduce<number>((keys, inner) => keys + keysIn(inner), Array.isArray(value) ? 0 : inside.length);
}

/** Node says where for some mistakes, and for others only quotes the text around. */
function offsetOf(error: unknown): number | undefined {
  const offset = error instanceof Error ? /at position (\d+)/.exec(error.message)?.[1] : undefined;
  return offset === undefined ? undefined : Number(offset);
}

function endOfTokens(text: string): number {
  token.lastIndex = 0;
  let end = 0;
  while (token.test(text)) end = token.lastIndex;
  return end;
}

function positionIn(text: string, offset: number): Position {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
