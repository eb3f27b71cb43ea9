import { expect, it } from 'vitest';

import type { DemoResult } from './events.ts';
import { narrate } from './narrator.ts';

const result: DemoResult = {
  type: 'result',
  ok: true,
  requests: 4321,
  failedRequests: 0,
  slowestMs: 87,
  posts: 1080,
  versions: { aaaaaaa: 4321 },
  switches: 1,
  rollbackMs: 300,
  releases: [
    { title: 'Deploy commit 1', outcome: 'deployed', durationMs: 2345, switchMs: 0.126, reason: null },
    { title: 'Deploy commit 3', outcome: 'refused', durationMs: 4100, switchMs: null, reason: 'not healthy' },
  ],
  problems: [],
};

it('ends with a table of the steps and what users noticed', () => {
  expect(narrate(result)).toBe(
    [
      '',
      'step             outcome   took   switch',
      'Deploy commit 1  deployed  2.3 s  0.13 ms',
      'Deploy commit 3  refused   4.1 s  -',
      '',
      '4,321 requests, 0 failed, the slowest took 87 ms.',
      '1,080 templates were sent and acknowledged.',
      'Each of them is stored exactly once. Nobody noticed anything.',
    ].join('\n'),
  );
});

it('names each promise that was not kept, and claims nothing else', () => {
  const text = narrate({ ...result, ok: false, problems: ['2 requests failed'] });
  expect(text).toContain('NOT AS PROMISED:\n  2 requests failed');
  expect(text).not.toContain('exactly once');
});

it('tells why a version was refused', () => {
  const reason = 'template-service was not healthy\nits last lines:';
  const release = { title: 'Deploy commit 3', outcome: 'refused', durationMs: 4000, switchMs: null, reason };
  expect(narrate({ type: 'step-finished', release })).toBe(
    '  refused in 4.0 s\n  because\n    template-service was not healthy\n    its last lines:',
  );
});

it("tells the command line's finished and failed steps, and keeps quiet about the rest", () => {
  const step = { id: 'start:gateway', kind: 'start', summary: 'start gateway in green', irreversible: false };
  const line = narrate({ type: 'maestro', event: { type: 'step-finished', step, durationMs: 120 } });
  expect(line).toBe('   120 ms  ✓ start gateway in green');
  expect(narrate({ type: 'maestro', event: { type: 'step-failed', step, durationMs: 1200 } })).toBe(
    '    1.2 s  ✗ start gateway in green',
  );
  expect(narrate({ type: 'maestro', event: { type: 'step-started', step } })).toBeUndefined();
});

it('tells a failure with its next step', () => {
  const error = { code: 'DEMO_STEP_FAILED', message: 'no', hint: 'try again' };
  expect(narrate({ type: 'result', ok: false, error })).toBe('\nFAILED DEMO_STEP_FAILED: no\nNext: try again');
});
