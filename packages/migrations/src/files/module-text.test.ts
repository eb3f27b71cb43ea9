import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { checksumOfModule } from './checksum.ts';
import { significantText } from './module-text.ts';

const source = `import { a } from './a.js';
export async function up({ db }) {
  const half = total / 2;
  const pattern = /[/'"]\\/x/g;
  db.execute(\`UPDATE t SET n = '\${rows.map((row) => \`{\${row.id}}\`)} // kept'\`);
  return 'it\\'s' + "a // b" /* c */;
}
`;

describe('significantText', () => {
  it('is the same for any indentation, comment, blank line or line ending between lines', () => {
    const noise = fc.constantFrom('', '  ', '\t', '// note "\' `\n', '/* a\n b */', '\n\n', '\r\n', '  // x\r\n');
    const lines = source.trim().split('\n');
    fc.assert(
      fc.property(fc.array(noise, { minLength: lines.length, maxLength: lines.length }), (noises) => {
        const noisy = lines.map((line, index) => `${line} // end\n${noises[index] ?? ''}`).join('');
        expect(significantText(noisy)).toBe(significantText(source));
      }),
    );
  });

  it('changes with every visible character outside of comments', () => {
    const code = source.replace('/* c */', '');
    const visible = [...code.matchAll(/\S/g)].map(({ index }) => index);
    fc.assert(
      fc.property(fc.constantFrom(...visible), fc.constantFrom('#', 'Z', '~'), (index, other) => {
        const changed = code.slice(0, index) + other + code.slice(index + 1);
        expect(significantText(changed)).not.toBe(significantText(code));
      }),
    );
  });

  it.each([
    ['inside a string', "x = 'a  b'", "x = 'a b'"],
    ['inside a template', 'x = `a\n  b`', 'x = `a\n b`'],
    ['between operators', 'x = a + +b', 'x = a ++b'],
    ['that ends a statement', 'return\nx', 'return x'],
    ['inside a regular expression', 'x = /a  b/', 'x = /a b/'],
    ['of what looks like a comment in a regular expression', 'x = /[/*]/; y = 1 /* */', 'x = /[/*]/; y = 2 /* */'],
  ])('keeps white space or text %s', (_, one, other) => {
    expect(significantText(one)).not.toBe(significantText(other));
  });

  it.each(['if (x) /[//]a/.test(y)', 'x++ / 2 // a', 'a.in / 2 // a', "x = 'no end", 'x = `no ${end'])(
    'leaves %s as it is, for it cannot be sure',
    (text) => {
      expect(significantText(text)).toBe(text);
    },
  );
});

describe('checksumOfModule', () => {
  const typed = `import type { MigrationContext } from '@maestro/migrations';

interface Row { id: number }
export function up({ db }: MigrationContext): void {
  const rows = db.query<Row>('SELECT id FROM t') as Row[];
}
`;

  it('is the same for a TypeScript file and the JavaScript compiled from it', () => {
    const compiled = `export function up({ db }) {
    const rows = db.query('SELECT id FROM t');
}
`;
    expect(checksumOfModule('0001_a.js', compiled)).toBe(checksumOfModule('0001_a.ts', typed));
  });

  it('refuses syntax that needs more than leaving types out', () => {
    expect(() => checksumOfModule('0001_a.ts', 'enum Colour { Red }')).toThrow(/enum/);
  });
});
