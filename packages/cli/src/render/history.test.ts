import { expect, it } from 'vitest';

import { plainStyle } from '../testing/plain-style.ts';
import { records } from '../testing/sample-data.ts';
import { renderHistory } from './history.ts';

it('shows who released what when, how it ended, and why it failed', () => {
  expect(renderHistory('production', records, plainStyle).split('\n')).toEqual([
    '01KF0QZV6Y8M2D4T7B9C3E5G1H  deploy  deployed  3 min ago  12.3 s      ana@ci-7',
    '  plan 77ababababab, switched in 3 ms',
    '  not judged in the canary at 10 %, for too few requests: gateway',
    '  gateway  maestro-gateway:production-abc1234  1a2b3c4d5e6f  abc123400000-dirty',
    '',
    '01KEXN3S5W7J1K9P2R4V6X8Z0A  deploy  refused   3 d ago    1 min 10 s  ben@laptop',
    '  gateway did not become healthy within 30 s',
    '  gateway  maestro-gateway:production-9f8e7d6  998877665544',
  ]);
});

it('indents every line of why it failed', () => {
  const [, refused] = records;
  if (refused === undefined) throw new Error('expected two sample records');
  const reason = 'it crashed\nits last lines:\n  Error: no database';
  const lines = renderHistory('production', [{ ...refused, reason }], plainStyle).split('\n');
  expect(lines.slice(1, 4)).toEqual(['  it crashed', '  its last lines:', '    Error: no database']);
});

it('says that nothing was released yet', () => {
  expect(renderHistory('production', [], plainStyle)).toBe('No releases in production yet.');
});
