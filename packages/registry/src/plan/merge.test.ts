import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { isRecord, merge } from './merge.ts';

const json = fc.jsonValue({ maxDepth: 3 });
const object = fc.dictionary(fc.string(), json);

describe('merge', () => {
  it('merges objects key by key at every depth', () => {
    const base = { health: { path: '/health', timeoutMs: 1 }, environment: { A: 'a' } };
    expect(merge(base, { health: { timeoutMs: 2 }, environment: { B: 'b' } })).toEqual({
      health: { path: '/health', timeoutMs: 2 },
      environment: { A: 'a', B: 'b' },
    });
  });

  it('replaces lists whole', () => {
    expect(merge({ secrets: ['A', 'B'] }, { secrets: ['C'] })).toEqual({ secrets: ['C'] });
  });

  it('ignores what is undefined', () => {
    expect(merge({ command: ['node'] }, { command: undefined })).toEqual({ command: ['node'] });
  });

  it('takes a key named __proto__ for a key like any other', () => {
    const merged = merge({}, JSON.parse('{ "__proto__": { "polluted": true } }'));
    expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
    expect(Object.keys(merged as object)).toEqual(['__proto__']);
  });

  it('changes neither of the two', () => {
    const property = fc.property(json, json, (base, override) => {
      const before = structuredClone([base, override]);
      merge(base, override);
      expect([base, override]).toEqual(before);
    });
    fc.assert(property);
  });

  it('is the base where there is nothing to change, and lets every value of the override win', () => {
    const property = fc.property(json, json, (base, override) => {
      expect(merge(base, {})).toEqual(isRecord(base) ? base : {});
      expect(merge(merge(base, override), override)).toEqual(merge(base, override));
      for (const [path, value] of leaves(override)) expect(valueAt(merge(base, override), path)).toEqual(value);
    });
    fc.assert(property);
  });

  it('keeps what the override does not mention', () => {
    const property = fc.property(object, object, (base, override) => {
      const kept = Object.entries(base).filter(([key]) => !Object.hasOwn(override, key));
      const merged = new Map(Object.entries(merge(base, override) as object));
      for (const [key, value] of kept) expect(merged.get(key)).toEqual(value);
    });
    fc.assert(property);
  });
});

function leaves(value: unknown, path: readonly string[] = []): [readonly string[], unknown][] {
  if (!isRecord(value)) return [[path, value]];
  return Object.entries(value).flatMap(([key, child]) => leaves(child, [...path, key]));
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, key) => new Map(Object.entries(at as object)).get(key), value);
}
