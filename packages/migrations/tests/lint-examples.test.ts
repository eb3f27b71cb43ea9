import { describe, expect, it } from 'vitest';

import { type Finding, lintMigrations } from '../src/lint.ts';
import { examples, notApplicable } from './lint-examples/all.ts';
import { contract, type Example } from './lint-examples/example.ts';
import { allSources } from './lint-examples/source-rules.ts';

async function lint({ dialect, given }: Example, ...texts: string[]): Promise<readonly Finding[]> {
  const files = [given, ...texts].map((text, index) => ({ file: `${index}.up.sql`, text }));
  return await lintMigrations({ dialect, files });
}

describe.each(examples)('$dialect: $rule ($bad)', (example) => {
  const { bad, rule, caughtInContract, safe } = example;

  it('is caught beside the version that is still running', async () => {
    const found = await lint(example, bad);
    expect(found.filter(({ file }) => file === '0.up.sql')).toEqual([]);
    expect(found.map((one) => one.rule)).toContain(rule);
  });

  it(caughtInContract ? 'is caught in contract too' : 'is fine in contract', async () => {
    const found = (await lint(example, `${contract}${bad}`)).map((one) => one.rule);
    if (caughtInContract) expect(found).toContain(rule);
    else expect(found).not.toContain(rule);
  });

  it('passes when it is done safely', async () => {
    expect(await lint(example, ...safe)).toEqual([]);
  });
});

it('has an example of every rule of the other linters, or the reason why it has none', () => {
  const covered = [...examples.flatMap(({ sources }) => sources), ...notApplicable.map(({ source }) => source)];
  expect([...new Set(covered)].sort()).toEqual([...allSources].sort());
});
