import { describe, expect, it } from 'vitest';

import type { DocsResult } from './events.ts';
import { narrate } from './narrator.ts';
import { transcriptOf } from './walkthrough/transcript.ts';

const step = {
  type: 'step',
  file: 'a.md',
  line: 3,
  kind: 'run',
  text: '# first\nmaestro plan\nmaestro deploy',
  durationMs: 1_234,
  exitCode: 1,
  printed: 'no\n',
  problem: { file: 'a.md', line: 3, message: 'ended with 1, not with 0; it printed\nno\n' },
} as const;

const result: DocsResult = {
  type: 'result',
  ok: false,
  counts: { pages: 1200 },
  problems: [step.problem],
  notChecked: [{ file: 'a.md', line: 9, message: 'not run: needs systemd' }],
};

describe('what people read', () => {
  it('names the first command of a step, and what is wrong with it', () => {
    expect(narrate(step)).toBe(
      [
        '     1.2 s  ✗ line 3: maestro plan …',
        '              ended with 1, not with 0; it printed',
        '              no',
      ].join('\n'),
    );
    expect(narrate({ ...step, kind: 'not-run', text: 'needs systemd', problem: null })).toBe(
      '     1.2 s  - line 3: not run: needs systemd',
    );
  });

  it('ends with what was not checked, what is wrong, and counts', () => {
    expect(narrate(result)?.trim().split('\n')).toEqual([
      'NOT CHECKED HERE (1):',
      'a.md:9: not run: needs systemd',
      '',
      'WRONG (1):',
      'a.md:3: ended with 1, not with 0; it printed',
      'no',
      '',
      '',
      '1,200 pages; 1 not checked here',
      'The documentation is wrong at 1 places.',
    ]);
    expect(narrate({ ...result, error: { code: 'A_B', message: 'why', hint: 'do this' } })).toBe(
      '\nFAILED A_B: why\nNext: do this',
    );
  });
});

it('a transcript has every command with what it printed and how long it took', () => {
  const events = [
    { type: 'walkthrough-started', file: 'a.md', title: 'A' },
    step,
    { type: 'walkthrough-finished', file: 'a.md', durationMs: 2_000, ok: false },
    result,
  ] as const;
  expect(transcriptOf(events)).toBe(
    [
      '=== A (a.md)',
      '',
      '[line 3, 1.2 s]',
      '$ # first',
      '$ maestro plan',
      '$ maestro deploy',
      'no',
      '(ended with 1)',
      '!!! ended with 1, not with 0; it printed',
      '',
      '=== a.md: NOT AS IT SAYS, 2.0 s',
      '',
    ].join('\n'),
  );
});
