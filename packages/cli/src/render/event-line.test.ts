import type { ReleaseEvent } from '@maestro/orchestrator';
import { expect, it } from 'vitest';

import { noon, release, startStep, switchStep, tellRelease } from '../testing/sample-data.ts';
import { renderEventLine } from './event-line.ts';

it('says every event of a release in one line', async () => {
  const lines: string[] = [];
  await tellRelease((event) => lines.push(renderEventLine(event)));
  expect(lines).toEqual([
    `12:03:04 deploy ${release} in production, 2 steps`,
    '12:03:05 start gateway …',
    '12:03:06 start:gateway: listens on 127.0.0.1:4101',
    '12:03:07 start gateway … 2.0 s',
    '12:03:08 switch …',
    '12:03:09 switch … 3 ms',
    '12:03:10 deployed after 12.3 s',
  ]);
});

it.each([
  [startStep, 'start gateway'],
  [switchStep, 'switch'],
])('says why a step failed', (step, label) => {
  const failed: ReleaseEvent = {
    type: 'step-failed',
    release,
    step,
    durationMs: 30_000,
    error: { code: 'BLUEGREEN_HEALTH_TIMEOUT', message: 'no answer within 30 s', retryable: false },
  };
  expect(renderEventLine({ ...failed, at: new Date(noon).toISOString() })).toBe(
    `12:03:04 ${label} … failed after 30.0 s: BLUEGREEN_HEALTH_TIMEOUT: no answer within 30 s`,
  );
});
