import { expect, it } from 'vitest';

import { contractsUnknownTo } from './past-contract.ts';

const row = { checksum: 'c', durationMs: 1, by: 'ana@ci' } as const;
const status = {
  applied: [
    { ...row, name: '0001_create_orders', phase: 'expand', at: '2026-01-01T00:00:00.000Z' },
    { ...row, name: '0002_add_note', phase: 'expand', at: '2026-01-03T00:00:00.000Z' },
    { ...row, name: '0003_drop_total', phase: 'contract', at: '2026-01-04T00:00:00.000Z' },
  ],
} as const;
const since = '2026-01-02T00:00:00.000Z';

it.each([
  ['does not know it', ['0001_create_orders'], ['0003_drop_total']],
  ['brought it', ['0001_create_orders', '0003_drop_total'], []],
  ['did not write down what it has, and is older', null, ['0003_drop_total']],
])('finds a contract migration in the way of a version that %s', (_, migrations, found) => {
  expect(contractsUnknownTo({ migrations }, { status, since })).toEqual(found);
});

it('finds none in the way of a version that is newer than all of them', () => {
  expect(contractsUnknownTo({ migrations: null }, { status, since: '2026-01-05T00:00:00.000Z' })).toEqual([]);
});
