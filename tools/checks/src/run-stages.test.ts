import { expect, it } from 'vitest';

import { runStages } from './run-stages.ts';

const passing = { passed: 0, failed: 0, skipped: 0 };

it('says at the end what failed', async () => {
  const lines: string[] = [];
  await runStages({
    write: (line) => lines.push(line),
    stages: [
      { name: 'tests', run: () => Promise.resolve({ ...passing, failed: 1, failures: ['a.test.ts > adds:\n  1'] }) },
    ],
  });
  expect(lines.slice(-2).join('\n')).toBe('FAILED  tests\n        a.test.ts > adds:\n          1');
});

it('runs every stage although one fails and another one throws, and counts all of them', async () => {
  const lines: string[] = [];
  const total = await runStages({
    write: (line) => lines.push(line),
    stages: [
      { name: 'lint', run: () => Promise.resolve({ ...passing, failed: 1 }) },
      { name: 'types', run: () => Promise.reject(new Error('no compiler')) },
      { name: 'tests', run: () => Promise.resolve({ passed: 5, failed: 0, skipped: 1 }) },
    ],
  });
  expect(total).toEqual({ passed: 5, failed: 2, skipped: 1 });
  expect(lines).toContain('── lint: FAILED');
  expect(lines.join('\n')).toContain('no compiler');
  expect(lines.slice(-3)).toEqual(['FAILED  lint', 'FAILED  types', 'passed  tests']);
});
