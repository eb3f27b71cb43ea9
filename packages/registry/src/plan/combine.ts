import { isDeepStrictEqual } from 'node:util';

import type { ProblemPath } from '../checks/problem.ts';
import { isRecord } from './merge.ts';

/** What one file says, and the files that it wins over because it includes them. */
export interface Layer {
  readonly file: string;
  readonly value: unknown;
  readonly covers: ReadonlySet<string>;
}

/** Two files that say different things of which neither wins. */
export interface Clash<L extends Layer> {
  readonly path: ProblemPath;
  readonly layers: readonly [L, L];
}

export interface Combined<L extends Layer> {
  readonly value: unknown;
  readonly clashes: readonly Clash<L>[];
}

/**
 * The layers as one, as `merge` does it: a file wins over what it includes. Of two that do not include one another both
 * count, and they clash where they differ and no file that includes both says which it is; then the first one counts.
 */
export function combine<L extends Layer>(layers: readonly L[], path: ProblemPath = []): Combined<L> {
  const deciding = decidingLayers(layers, path.at(-1));
  const [first] = deciding;
  if (first === undefined) return { value: undefined, clashes: [] };
  const clashing = deciding.find((other) => !agree(first.value, other.value, path.at(-1)));
  if (clashing !== undefined) return { value: first.value, clashes: [{ path, layers: [first, clashing] }] };
  if (deciding.length === 1 || !isRecord(first.value)) return { value: first.value, clashes: [] };

  // What is included comes first, as what a service starts from does.
  const keys = new Set(deciding.toReversed().flatMap(({ value }) => Object.keys(value as object)));
  const entries = [...keys].map((key) => [key, combine(within(deciding, key), [...path, key])] as const);
  return {
    value: Object.fromEntries(entries.map(([key, { value }]) => [key, value])),
    clashes: entries.flatMap(([, { clashes }]) => clashes),
  };
}

/** The layer that says what stands at a path; where nothing does, the one with what is around it. */
export function originOf<L extends Layer>(layers: readonly L[], path: ProblemPath): L | undefined {
  let around: L | undefined;
  let here = layers;
  for (const [index, key] of path.entries()) {
    here = decidingLayers(here, path[index - 1]);
    around = here[0] ?? around;
    if (!isRecord(around?.value)) break;
    here = within(here, String(key));
  }
  const original = decidingLayers(here, path.at(-1))[0] ?? around;
  return original === undefined ? undefined : layers.find(({ file }) => file === original.file);
}

/** Those that no other one replaces. */
function decidingLayers<L extends Layer>(layers: readonly L[], key: ProblemPath[number] | undefined): readonly L[] {
  return layers.filter(
    ({ file, value }) =>
      !layers.some((other) => other.covers.has(file) && !(isRecord(value) && isMergeable(other.value, value, key))),
  );
}

function within<L extends Layer>(layers: readonly L[], key: string): readonly L[] {
  return layers.flatMap((layer) => {
    const { value } = layer;
    const inside = isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
    return inside === undefined ? [] : [{ ...layer, value: inside }];
  });
}

function agree(one: unknown, other: unknown, key: ProblemPath[number] | undefined): boolean {
  return isDeepStrictEqual(one, other) || (isRecord(one) && isRecord(other) && isMergeable(one, other, key));
}

/** What says which kind of thing an object is: one of another kind has other keys, and replaces it whole. */
const kinds: ReadonlyMap<ProblemPath[number] | undefined, string> = new Map([
  ['database', 'adapter'],
  ['secrets', 'source'],
]);

function isMergeable(upper: unknown, lower: Readonly<Record<string, unknown>>, key: ProblemPath[number] | undefined) {
  if (!isRecord(upper)) return false;
  const kind = kinds.get(key);
  return kind === undefined || upper[kind] === undefined || upper[kind] === lower[kind];
}
