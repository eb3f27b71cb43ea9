import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { examples } from '../../tests/lint-examples/all.ts';
import type { SqlDialect } from '../sql/dialect.ts';
import { tokenize } from '../sql/tokens.ts';
import { lintMigrations } from './lint-migrations.ts';

const runs = process.env.MAESTRO_NIGHTLY === 'true' ? 2_000 : 150;

async function rulesIn(dialect: SqlDialect, text: string): Promise<string[]> {
  const findings = await lintMigrations({ dialect, files: [{ file: 'a.up.sql', text }] });
  return findings.map(({ rule, severity, why }) => `${severity} ${rule}: ${why}`);
}

/** Without the names of tables, which locks that are held together list together. */
async function gravityIn(dialect: SqlDialect, text: string): Promise<string[]> {
  return (await rulesIn(dialect, text)).map((finding) => finding.replace(/:.*/s, ''));
}

/** Directives and allowances are comments that mean something: they stay where they are. */
const texts = examples.flatMap(({ dialect, given, bad, safe }) =>
  [given, bad, ...safe].filter((text) => !text.includes('--')).map((text) => ({ dialect, text })),
);

const noise = fc.constantFrom(' ', '\n', '\r\n', '\t', ' /* a ; b */ ', ' -- it is\n', '\n\n', ' -- é😀\r\n');

describe('what is found does not depend on', () => {
  it('comments, white space, line endings and the case of keywords', async () => {
    const changed = fc.constantFrom(...texts).chain(({ dialect, text }) => {
      const { tokens } = tokenize(text, dialect);
      const pieces = fc.array(fc.tuple(noise, fc.boolean()), { minLength: tokens.length, maxLength: tokens.length });
      return fc.record({ dialect: fc.constant(dialect), text: fc.constant(text), pieces });
    });
    await fc.assert(
      fc.asyncProperty(changed, async ({ dialect, text, pieces }) => {
        const { tokens } = tokenize(text, dialect);
        const other = tokens.map((token, index) => {
          const [before = ' ', inCapitals = false] = pieces[index] ?? [];
          const isWord = /^[A-Za-z_]+$/.test(token.text);
          const isApart =
            index === 0 || token.start > (tokens[index - 1]?.start ?? 0) + (tokens[index - 1]?.text.length ?? 0);
          const written = isWord && inCapitals ? swapped(token.text) : token.text;
          return `${isApart ? before : ''}${written}`;
        });
        expect(await rulesIn(dialect, other.join(''))).toEqual(await rulesIn(dialect, text));
      }),
      { numRuns: runs },
    );
  });
});

/** Of names nothing depends on it either, as none of the examples' is quoted. */
function swapped(word: string): string {
  return word === word.toUpperCase() ? word.toLowerCase() : word.toUpperCase();
}

it('never crashes: what cannot be read is a finding with its place', async () => {
  const pieces = fc.constantFrom(
    ...[
      'ALTER',
      'TABLE',
      'CREATE',
      'DROP',
      'ADD',
      'COLUMN',
      'CONSTRAINT',
      'CHECK',
      'a',
      'b.c',
      '(',
      ')',
      ',',
      ';',
      "'x'",
    ],
    ...[
      '"',
      "'",
      '`',
      '/*',
      '*/',
      '--',
      '\n',
      '1',
      'INT',
      'NOT',
      'NULL',
      'DEFAULT',
      'RENAME',
      'TO',
      'MODIFY',
      'é',
      '\0',
    ],
    ...['UNIQUE', 'INDEX', 'ON', 'FOREIGN', 'KEY', 'REFERENCES', 'PRIMARY', '$$', 'SET', '=', 'CHANGE', 'ALGORITHM'],
  );
  const text = fc.oneof(
    fc.array(pieces, { maxLength: 25 }).map((words) => words.join(' ')),
    fc.string({ unit: 'binary' }),
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom<SqlDialect>('postgresql', 'mysql', 'sqlite'), text, async (dialect, written) => {
      const lines = written.split('\n').length;
      for (const { line, column } of await lintMigrations({ dialect, files: [{ file: 'a.up.sql', text: written }] })) {
        expect(line).toBeGreaterThanOrEqual(1);
        expect(line).toBeLessThanOrEqual(lines);
        expect(column).toBeGreaterThanOrEqual(1);
      }
    }),
    { numRuns: runs * 4 },
  );
});

it('two files in one, about different tables, are found at least what either is', async () => {
  const independent = examples.filter(({ bad }) => !bad.startsWith('--') && !/^(BEGIN|SET)/.test(bad));
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...independent), fc.constantFrom(...independent), async (one, other) => {
      fc.pre(one.dialect === other.dialect);
      const elsewhere = other.bad.replace(/\b[a-z]\w*\b/g, (word) => (builtIn.has(word) ? word : `${word}_too`));
      const both = await gravityIn(one.dialect, `${one.bad}\n${elsewhere}`);
      const each = [...(await gravityIn(one.dialect, one.bad)), ...(await gravityIn(other.dialect, elsewhere))];
      expect(both).toEqual(expect.arrayContaining(each));
    }),
    { numRuns: runs },
  );
});

/** All other words in small letters are names. */
const builtIn = new Set([
  'bigint',
  'bigserial',
  'boolean',
  'date',
  'gen_random_uuid',
  'int',
  'json',
  'text',
  'uuid',
  'varchar',
]);
