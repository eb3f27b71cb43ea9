import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { ProblemPath } from '../checks/problem.ts';
import { combine, type Layer, originOf } from './combine.ts';
import { isRecord, merge } from './merge.ts';

const { tree: anyValue } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<unknown>(0, 1, null, 'x', [], [1]),
    fc.dictionary(fc.constantFrom('a', 'b', 'c', '__proto__'), tie('tree'), { maxKeys: 3 }),
  ),
}));
const anyRecord = fc.dictionary(fc.constantFrom('a', 'b', 'c'), anyValue, { maxKeys: 3 });

/** Files of which each includes some that come after it; the first one reaches all. */
const anyLayers = fc
  .array(fc.tuple(anyRecord, fc.array(fc.nat({ max: 4 }))), { minLength: 1, maxLength: 5 })
  .map(layersOf);

function layersOf(files: readonly (readonly [value: object, includes: readonly number[]])[]): readonly Layer[] {
  const covers = files.map(() => new Set<string>());
  for (let index = files.length - 1; index >= 0; index -= 1) {
    const included = files.map((_, other) => other).filter((other) => other > index);
    for (const other of included.filter((one) => index === 0 || files[index]?.[1].includes(one))) {
      for (const file of [String(other), ...(covers[other] ?? [])]) covers[index]?.add(file);
    }
  }
  return files.map(([value], index) => ({ file: String(index), value, covers: covers[index] ?? new Set() }));
}

/** Everything that is no object, or an empty one, by its path. */
function leavesOf(value: unknown, path: ProblemPath = []): readonly (readonly [ProblemPath, unknown])[] {
  if (!isRecord(value) || Object.keys(value).length === 0) return [[path, value]];
  return Object.entries(value).flatMap(([key, inside]) => leavesOf(inside, [...path, key]));
}

function valueAt(value: unknown, [key, ...rest]: ProblemPath): unknown {
  if (key === undefined || !isRecord(value)) return value;
  return Object.hasOwn(value, String(key)) ? valueAt(value[key], rest) : undefined;
}

describe('combine', () => {
  it('is what merge makes of files that include one another in a row', () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { minLength: 1, maxLength: 4 }), (values) => {
        const all = values.map((_, index) => index);
        const { value, clashes } = combine(layersOf(values.map((each) => [each, all])));
        expect(value).toEqual(values.reduceRight<unknown>((base, override) => merge(base, override), {}));
        expect(clashes).toEqual([]);
      }),
    );
  });

  it('takes everything from one of the files, which is the one that originOf names', () => {
    fc.assert(
      fc.property(anyLayers, (layers) => {
        const { value } = combine(layers);
        for (const [path, leaf] of leavesOf(value)) {
          const origin = originOf(layers, path);
          expect(valueAt(origin?.value, path)).toEqual(leaf);
        }
      }),
    );
  });

  it('never lets a file win over one that includes it', () => {
    fc.assert(
      fc.property(anyLayers, (layers) => {
        const { value } = combine(layers);
        for (const [path, leaf] of leavesOf(layers[0]?.value)) {
          const got = valueAt(value, path);
          if (isRecord(leaf)) expect(isRecord(got)).toBe(true);
          else expect(got).toEqual(leaf);
        }
      }),
    );
  });

  it('is the same in every order of files that do not include one another, but where they clash', () => {
    fc.assert(
      fc.property(anyRecord, anyRecord, anyRecord, (root, first, second) => {
        const layers = layersOf([
          [root, []],
          [first, []],
          [second, []],
        ]);
        const [top, one, other] = layers as readonly [Layer, Layer, Layer];
        const forth = combine(layers);
        const back = combine([top, other, one]);
        expect(forth.clashes.map(({ path }) => JSON.stringify(path)).sort()).toEqual(
          back.clashes.map(({ path }) => JSON.stringify(path)).sort(),
        );
        if (forth.clashes.length === 0) expect(forth.value).toEqual(back.value);
        for (const { path } of forth.clashes) {
          expect(valueAt(first, path)).not.toEqual(valueAt(second, path));
          expect(valueAt(root, path)).toBeUndefined();
        }
      }),
    );
  });

  it('shows two clashing files, and takes the first one', () => {
    const layers = layersOf([
      [{}, []],
      [{ services: { api: { port: 1, same: 1 } } }, []],
      [{ services: { api: { port: 2, same: 1 } } }, []],
    ]);
    expect(combine(layers)).toEqual({
      value: { services: { api: { port: 1, same: 1 } } },
      clashes: [
        {
          path: ['services', 'api', 'port'],
          layers: [expect.objectContaining({ file: '1' }), expect.objectContaining({ file: '2' })],
        },
      ],
    });
  });

  it('finds the file around what stands nowhere', () => {
    const layers = layersOf([
      [{ services: { web: {} } }, []],
      [{ services: { api: { health: {} } } }, []],
    ]);
    const file = (...path: string[]) => originOf(layers, path)?.file;
    expect(file('services', 'api', 'context')).toBe('1');
    expect(file('services', 'api', 'health', 'path')).toBe('1');
    expect(file('services', 'web', 'context')).toBe('0');
    expect(file('environments')).toBe('0');
    expect(file()).toBe('0');
  });
});
