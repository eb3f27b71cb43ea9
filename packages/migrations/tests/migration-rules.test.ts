import { expect, it } from 'vitest';

import { lintMigrations } from '../src/lint.ts';
import { examples } from './lint-examples/all.ts';
import { contract, type Example } from './lint-examples/example.ts';
import { type Judged, rulesDocument } from './lint-examples/rules-document.ts';

async function findingFor({ dialect, given, rule }: Example, bad: string) {
  const files = [
    { file: 'given.up.sql', text: given },
    { file: 'bad.up.sql', text: bad },
  ];
  return (await lintMigrations({ dialect, files })).find((one) => one.rule === rule);
}

it('the documented table of rules is what the examples prove', async () => {
  const judged = await Promise.all(
    examples.map(async (example): Promise<Judged> => ({
      example,
      inExpand: await findingFor(example, example.bad),
      inContract: await findingFor(example, `${contract}${example.bad}`),
    })),
  );
  await expect(rulesDocument(judged)).toMatchFileSnapshot('../../../docs/migration-rules.md');
});
