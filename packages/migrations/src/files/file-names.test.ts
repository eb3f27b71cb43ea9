import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { readFileNames } from './file-names.ts';

describe('readFileNames', () => {
  it('finds every migration, by number, whatever else is in the folder and in whatever order', () => {
    const number = fc.integer({ min: 0, max: 12_000 });
    const shape = fc.record({
      word: fc.stringMatching(/^[a-z0-9_]{1,12}$/),
      endings: fc.constantFrom(['.up.sql'], ['.up.sql', '.down.sql'], ['.ts'], ['.js'], ['.mjs']),
    });
    const others = fc.subarray([
      'hooks.ts',
      'hooks.d.ts',
      '.gitkeep',
      'README.md',
      '.0009.reserved',
      '0001_users.d.ts',
      '0001_users.js.map',
    ]);
    const folder = fc.tuple(fc.dictionary(number.map(String), shape), others).chain(([wanted, rest]) => {
      const named = Object.entries(wanted).map(([digits, { word, endings }]) => {
        const name = `${digits.padStart(4, '0')}_${word}`;
        return { number: Number(digits), name, files: endings.map((ending) => name + ending) };
      });
      const files = [...named.flatMap((one) => one.files), ...rest];
      return fc.tuple(fc.constant(named), fc.shuffledSubarray(files, { minLength: files.length }));
    });
    fc.assert(
      fc.property(folder, ([named, listing]) => {
        const { migrations, problems } = readFileNames(listing);
        expect(problems).toEqual([]);
        expect(migrations.map(({ name }) => name)).toEqual(
          named.sort((a, b) => a.number - b.number).map(({ name }) => name),
        );
      }),
    );
  });

  it('loses no file: each is part of a migration, named in a problem or meant for something else', () => {
    const file = fc.oneof(
      fc.stringMatching(/^000[1-3]_[ab]\.(up\.sql|down\.sql|ts|js|sql|mts|cjs)$/),
      fc.stringMatching(/^[0-9a-zA-Z_-]{1,6}\.(up\.sql|ts)$/),
    );
    fc.assert(
      fc.property(fc.uniqueArray(file), (listing) => {
        const { migrations, problems } = readFileNames(listing);
        const used = migrations.flatMap((one) => (one.kind === 'sql' ? [one.up, one.down] : [one.file]));
        for (const name of listing) {
          expect(used.includes(name) || problems.some((problem) => problem.includes(name))).toBe(true);
        }
      }),
    );
  });

  it('reports everything that is wrong at once', () => {
    const { problems } = readFileNames([
      '0001_users.up.sql',
      '0001_accounts.up.sql',
      '0002_orders.down.sql',
      '0003_items.ts',
      '0003_items.js',
      '0004_total.sql',
      '5_short.up.sql',
      '0006_Upper.ts',
      'helpers.ts',
    ]);
    expect(problems).toEqual([
      '0004_total.sql: expected NNNN_name.up.sql or NNNN_name.down.sql, the name of a-z, 0-9 and _',
      '0006_Upper.ts: expected NNNN_name.ts, .js or .mjs, the name of a-z, 0-9 and _',
      '5_short.up.sql: expected NNNN_name.up.sql or NNNN_name.down.sql, the name of a-z, 0-9 and _',
      'helpers.ts: expected NNNN_name.ts, .js or .mjs, the name of a-z, 0-9 and _',
      'the number 1 is used more than once: 0001_accounts.up.sql, 0001_users.up.sql',
      '0002_orders.down.sql: there is no 0002_orders.up.sql to it',
      '0003_items is there more than once: 0003_items.js, 0003_items.ts',
    ]);
  });

  it('takes a number for the same with more leading zeros', () => {
    expect(readFileNames(['0001_a.ts', '00001_a.ts']).problems).toEqual([
      'the number 1 is used more than once: 00001_a.ts, 0001_a.ts',
    ]);
  });
});
