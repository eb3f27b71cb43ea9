import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { tokenize } from './tokens.ts';

const texts = (sql: string) => tokenize(sql, 'sqlite').tokens.map(({ text }) => text);

const inner = fc.string({ unit: fc.constantFrom('a', ';', "'", '"', '`', '[', '-', '/', '*', '\n', ' ', 'é') });
const token = fc.oneof(
  fc.constantFrom('CREATE', 'table_1', 'naïve', '42', '1.5e-3', '0xff', '(', ')', ';', '||', '->>', '<=', '-', '*'),
  inner.map((text) => `'${text.replaceAll("'", "''")}'`),
  inner.map((text) => `x'${text.replaceAll("'", "''")}'`),
  inner.map((text) => `"${text.replaceAll('"', '""')}"`),
  inner.map((text) => `\`${text.replaceAll('`', '``')}\``),
  inner.map((text) => `[${text}]`),
);
const comment = fc.oneof(
  inner.map((text) => `--${text.replaceAll('\n', ' ')}\n`),
  inner.map((text) => `/*${text.replaceAll('*/', '* /')} */`),
);
const gap = fc
  .tuple(fc.constantFrom(' ', '\n', '\r\n', '\t'), fc.array(comment, { maxLength: 2 }))
  .map(([space, comments]) => [space, ...comments, space].join(''));

describe('tokenize', () => {
  it('finds the same tokens whatever comments and white space are between them', () => {
    const spaced = fc.array(fc.record({ text: token, gap }), { maxLength: 20 });
    fc.assert(
      fc.property(spaced, (parts) => {
        const sql = parts.map((part) => part.gap + part.text).join('');
        expect(tokenize(sql, 'sqlite').unreadableLine).toBeUndefined();
        expect(texts(sql)).toEqual(parts.map(({ text }) => text));
      }),
    );
  });

  it('tells the place of each token', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(token, gap)), (parts) => {
        const sql = parts.join('');
        for (const { text, start, line } of tokenize(sql, 'sqlite').tokens) {
          expect(sql.slice(start, start + text.length)).toBe(text);
          expect(sql.slice(0, start).split('\n')).toHaveLength(line);
        }
      }),
    );
  });

  it('reads any text to its end or names the line where it stopped', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (sql) => {
        const { tokens, unreadableLine } = tokenize(sql, 'sqlite');
        const end = tokens.at(-1)?.line ?? 1;
        expect(unreadableLine ?? end).toBeGreaterThanOrEqual(end);
      }),
    );
  });

  it.each([
    ["SELECT 1;\n\nSELECT 'it", 3],
    ['SELECT "a', 1],
    ['\nSELECT `a', 2],
    ['SELECT [a', 1],
    ['SELECT 1 /* no end', 1],
    ['SELECT 1\0', 1],
  ])('stops at what does not end in %j', (sql, line) => {
    expect(tokenize(sql, 'sqlite').unreadableLine).toBe(line);
  });

  it('keeps a blob literal apart from a column with an alias', () => {
    expect(texts("SELECT x'00'")).not.toEqual(texts("SELECT x '00'"));
  });
});
