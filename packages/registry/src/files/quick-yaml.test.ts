import { readFile } from 'node:fs/promises';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDocument, stringify } from 'yaml';

import { brokenRegistries } from '../../tests/integration/broken-registries.ts';
import { quickYaml } from './quick-yaml.ts';

/** What the parser that knows places makes of a text. */
function read(text: string): { readonly value: unknown } | { readonly wrong: string } {
  const document = parseDocument(text, { prettyErrors: false });
  const [mistake] = [...document.errors, ...document.warnings];
  if (mistake !== undefined) return { wrong: mistake.message };
  try {
    return { value: document.toJS() as unknown };
  } catch (error) {
    return { wrong: String(error) };
  }
}

/** The quick one is more lenient with what is no YAML at all. */
function expectSame(text: string): void {
  const quick = quickYaml(text);
  const all = read(text);
  if (quick !== undefined && 'value' in all) expect(quick, JSON.stringify(text)).toStrictEqual(all);
}

const usual: readonly (readonly [name: string, text: string])[] = [
  ['maps in maps', 'a:\n  b: c\n  d:\n    e: f\ng: h\n'],
  ['lists below keys, and as far left', 'a:\n  - b\n  - c\nd:\n- e\n- f\ng:\n'],
  ['maps in lists', '- a: 1\n  b:\n    - c\n-   d: 2\n    e: 3\n-\n  f: 4\n'],
  ['lists in lists', '- - a\n  - b\n- - - c\n'],
  ['comments', '# a\na: # b\n  # c\n  b: c # d\n# e\n  e: "#" #\n  f: [g] # h\ni:\n  - # j\n    k: l\n'],
  ['a start, empty lines and spaces at ends', '# yaml\n---\n\na: b  \n   \nc:   d\n'],
  ['nothing', 'a:\nb: ~\nc: null\nd: Null\ne: NULL\nf:\n  -\n  - x\n'],
  ['true and false', 'a: true\nb: FALSE\nc: False\nd: yes\ne: off\nf: y\n'],
  ['numbers', 'a: 0\nb: 1\nc: 8080\nd: 0.5\ne: 1.10\nf: 0.0\n'],
  ['texts that begin like numbers', 'a: 1000:1000\nb: 512m\nc: 1.2.3\nd: 1_000\ne: 2026-01-31\nf: 200-299\ng: 0b1\n'],
  ['texts with signs', 'a: http://x.y/z?a=b&c=d\nb: it\'s "so"\nc: a#b\nd: --port\ne: -p\nf: <<\ng: $HOME/{x}, [y]\n'],
  ['quotes', `a: "b: c # d"\nb: 'it''s'\nc: "\\"\\\\\\n\\t"\nd: ''\n"e f": ""\n'g': '"'\n`],
  ['brackets', 'a: [b, "c d", \'e\', 1, true, null]\nf: { g: h i, "j": [], k: { l: -m } }\nn: []\no: {}\n'],
  ['other languages', 'a: größe\nb: "日本"\nc: 😀\n'],
  ['names that objects have already', '__proto__: a\nconstructor: b\ntoString: { __proto__: c }\n'],
  ['numbers as names', 'a:\n  "2": b\n  "1": c\n'],
  ['a text alone', 'a'],
  ['texts of several lines', 'a: |\n  b\n'],
  ['texts that go on', 'a: b\n  c\n'],
  ['texts below their key', 'a:\n  b\n'],
  ['quotes that go on', 'a: "b\n  c"\n'],
  ['brackets that go on', 'a: [b,\n  c]\n'],
  ['other escapes', 'a: "\\x41"\n'],
  ['keys that are numbers', '1: a\n'],
  ['octal-looking numbers', 'a: 012\n'],
  ['hexadecimal numbers', 'a: 0x1F\n'],
  ['a zero below zero', 'a: -0\n'],
  ['numbers that are too large', 'a: 12345678901234567890\n'],
  ['what is no number', 'a: .nan\n'],
  ['a pair in a list', 'a: [b: c]\n'],
  ['a comma at the end', 'a: [b,]\n'],
  ['a document further right', '  a: b\n'],
  ['the ends of lines of Windows', 'a: b\r\nc: d\r\n'],
  ['a mark of byte order', '\uFEFFa: b\n'],
];

const others: readonly (readonly [name: string, text: string])[] = [
  ['nothing at all', '# nothing\n'],
  ['two documents', 'a: b\n---\nc: d\n'],
  ['directives', '%YAML 1.1\n---\na: yes\n'],
  ['tabs', 'a:\n\tb: c\n'],
  ['anchors', 'a: &x b\nc: *x\n'],
  ['tags', 'a: !!str 1\n'],
  ['keys twice', 'a: b\na: c\n'],
  ['keys twice in brackets', 'a: { b: c, "b": d }\n'],
  ['keys that are no texts', 'null: a\n'],
  ['explicit keys', '? a\n: b\n'],
  ['text behind brackets', 'a: [b] c\n'],
  ['text behind quotes', 'a: "b" c\n'],
  ['a key in a value', 'a: b: c\n'],
  ['a line too far right', 'a: b\n c: d\n'],
  ['a line too far left', 'a:\n    b: c\n  d: e\n'],
  ['a list among keys', 'a: b\n- c\n'],
  ['a key in a list', '- a\nb: c\n'],
  ['lists deep in lists', `${'- '.repeat(100_000)}a\n`],
  ['brackets deep in brackets', `a: ${'['.repeat(100_000)}${']'.repeat(100_000)}\n`],
];

describe('quickYaml', () => {
  it.each(usual)('reads %s', (_, text) => {
    expect(quickYaml(text)).toStrictEqual(read(text));
  });

  it.each(others)('leaves %s to the other parser', (_, text) => {
    expect(quickYaml(text)).toBeUndefined();
  });

  it.each(['monorepo', 'platform', 'shop'])('reads what compose files are imported to: %s', async (name) => {
    const file = new URL(`../../tests/fixtures/compose/${name}.registry.yaml`, import.meta.url);
    const text = await readFile(file, 'utf8');
    expect(quickYaml(text)).toStrictEqual(read(text));
  });

  it('reads nothing otherwise in registries that are broken', () => {
    const texts = brokenRegistries.flatMap(({ files }) => Object.entries(files));
    const yaml = texts.filter(([file]) => /\.ya?ml$/.test(file));
    expect(yaml.length).toBeGreaterThan(50);
    for (const [, text] of yaml) expectSame(text);
  });

  it('reads what the other parser has written as that one does, or leaves it', () => {
    const anyKey = fc.oneof(fc.constantFrom('a', 'b c', 'true', '1', '__proto__'), fc.string({ maxLength: 6 }));
    const anyLeaf = fc.oneof(
      fc.constantFrom<unknown>(true, null, 0, 8080, 1.5, '', 'a: b', ' #', '- a', '1e3', '0o7', '.5', '~', 'NULL', '='),
      fc.string({ maxLength: 12, unit: 'grapheme' }),
      fc.double({ noNaN: true }),
    );
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        anyLeaf,
        fc.dictionary(anyKey, tie('tree'), { maxKeys: 4 }),
        fc.array(tie('tree'), { maxLength: 4 }),
      ),
    }));
    const anyStyle = fc.record({
      indent: fc.integer({ min: 1, max: 5 }),
      indentSeq: fc.boolean(),
      singleQuote: fc.boolean(),
      collectionStyle: fc.constantFrom('any' as const, 'block' as const, 'flow' as const),
    });
    fc.assert(
      fc.property(tree, anyStyle, (value, style) => {
        expectSame(stringify(value, style));
      }),
    );
  });

  it('reads any text in no other way', () => {
    const anyToken = fc.oneof(
      fc.constantFrom('a: ', 'b: ', 'c:', 'a', 'b c', '- ', '-', '\n', '\n  ', '\n    ', '\n ', '\n  - ', ' '),
      fc.constantFrom(
        '"x"',
        "'y'",
        '"',
        "'",
        '[',
        ']',
        '{',
        '}',
        ', ',
        ',',
        ': ',
        ':',
        '#',
        ' # c',
        '[a, b]',
        '{ a: b }',
      ),
      fc.constantFrom(
        '1',
        '-0',
        '+1',
        '.5',
        '5.',
        '1e3',
        '0o14',
        '0x1F',
        '012',
        '.inf',
        '~',
        'null',
        'True',
        '1:1',
        '2m',
      ),
      fc.constantFrom('<<: ', '&x ', '*x', '!', '!!str ', '|', '>', '\t', '%', '---', '---\n', '...', '? ', '?', '\\n'),
    );
    const anyText = fc.array(anyToken, { maxLength: 14 }).map((tokens) => tokens.join(''));
    fc.assert(fc.property(anyText, expectSame), { numRuns: 2_000 });
  });
});
