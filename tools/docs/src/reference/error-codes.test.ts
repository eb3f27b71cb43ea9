import ts from 'typescript';
import { expect, it } from 'vitest';

import { rowsIn, thrownCodes } from './error-codes.ts';

it('finds the codes that sources throw, and no others', () => {
  const source = `
    export type Codes = 'SHOP_CLOSED' | 'SHOP_EMPTY';
    throw new ShopError('SHOP_BURNING', 'SHOP_IN_A_MESSAGE is not one, for example');
    const other = ['CLI_USAGE', 'SHOP', \`SHOP_\${reason}\`]; // 'SHOP_COMMENT'
  `;
  const file = ts.createSourceFile('a.ts', source, ts.ScriptTarget.ESNext, true);
  expect([...thrownCodes([file], 'SHOP_')]).toEqual(['SHOP_CLOSED', 'SHOP_EMPTY', 'SHOP_BURNING']);
});

it('reads the table of errors, and no table before it', () => {
  const readme = [
    '# shop',
    '| `SHOP_PORT` | a variable | set it |',
    '## Errors',
    '| code | when | what to do |',
    '|---|---|---|',
    '| `SHOP_CLOSED` | it is `a \\| b` | come back |',
  ].join('\n');
  expect([...rowsIn(readme).values()]).toEqual([
    { code: 'SHOP_CLOSED', when: 'it is `a \\| b`', next: 'come back', line: 6 },
  ]);
});
