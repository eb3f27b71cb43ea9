import { expect, it } from 'vitest';

import { addUp } from './add-up.ts';

const kill = {
  promised: 'a migration runs once',
  fault: 'killed',
  times: 1,
  checked: { migrations: 3 },
  wrong: { lost: 0 },
} as const;

it('adds up records of the same fault and promise, and keeps others apart', () => {
  const cut = { ...kill, fault: 'cut', wrong: {} };
  const elsewhere = { ...kill, promised: 'nothing is torn or lost' } as const;
  const again = { ...kill, times: 4, checked: { migrations: 1, tables: 2 }, wrong: { lost: 1 } };
  expect(addUp([kill, cut, again, elsewhere])).toEqual([
    { ...kill, times: 5, checked: { migrations: 4, tables: 2 }, wrong: { lost: 1 } },
    cut,
    elsewhere,
  ]);
  expect(addUp([])).toEqual([]);
});
