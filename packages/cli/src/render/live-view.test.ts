import type { BatchEvent, ImageEvent, ReleaseEvent } from '@maestro/orchestrator';
import { expect, it } from 'vitest';

import { plainStyle } from '../testing/plain-style.ts';
import { release, startStep, switchStep } from '../testing/sample-data.ts';
import { emptyView, follow, type LiveView, renderLiveView } from './live-view.ts';

const begin: readonly ReleaseEvent[] = [
  {
    type: 'release-started',
    release,
    kind: 'deploy',
    environment: 'demo',
    planHash: 'sha256:1',
    steps: [startStep, switchStep],
  },
  { type: 'step-started', release, step: startStep },
];
const failed: ReleaseEvent = {
  type: 'step-failed',
  release,
  step: startStep,
  durationMs: 30_000,
  error: { code: 'BLUEGREEN_CRASHED', message: 'exit code 1', retryable: false },
};

function viewAfter(...events: readonly (BatchEvent | ImageEvent | ReleaseEvent)[]): LiveView {
  return events.reduce((view, event) => follow(view, event, 1000), emptyView);
}

function linesOf(view: LiveView, nowMs = 1000): readonly string[] {
  return renderLiveView(view, { colors: plainStyle.colors, nowMs }).split('\n');
}

it('shows what runs, for how long, and how much is to come', () => {
  expect(linesOf(viewAfter(...begin), 8999)).toEqual([
    `deploy ${release} in demo`,
    '  •  start  gateway  7.0 s',
    '  1 more step',
  ]);
});

it('shows the last thing a running step reported, and drops it when the step is done', () => {
  const reported = viewAfter(...begin, { type: 'step-progress', release, stepId: startStep.id, message: 'listens' });
  expect(linesOf(reported)[1]).toBe('  •  start  gateway    listens');
  const done = follow(reported, { type: 'step-finished', release, step: startStep, durationMs: 2000 }, 3000);
  expect(linesOf(done)[1]).toBe('  ✓  start  gateway  2.0 s');
});

it('keeps the reason of a failed step, and shows a second try beside it', () => {
  const again = viewAfter(...begin, failed, { type: 'step-started', release, step: startStep });
  const done = follow(again, { type: 'step-finished', release, step: startStep, durationMs: 900 }, 2000);
  expect(linesOf(done).slice(1, 3)).toEqual([
    '  ✗  start  gateway  30.0 s  exit code 1',
    '  ✓  start  gateway  900 ms',
  ]);
});

it('says below the steps what is no event', () => {
  expect(linesOf({ ...viewAfter(...begin), notice: 'cleaning up' }).at(-1)).toBe('cleaning up');
  expect(linesOf({ ...emptyView, notice: 'cleaning up' })).toEqual(['cleaning up']);
});

it('shows images that are built and sent, each with the last line of its own', () => {
  const digest = `sha256:${'1'.repeat(64)}`;
  const layer = { type: 'image-layer', repository: 'shop-api', direction: 'push', layer: 'a1b2' } as const;
  const view = viewAfter(
    { type: 'image-build-started', service: 'api', repository: 'shop-api', inputHash: digest },
    { type: 'image-build-output', service: 'api', line: '[2/3] COPY . .' },
    { type: 'image-unchanged', service: 'web', repository: 'shop-web', digest },
    { ...layer, status: 'Pushing', currentBytes: 1, totalBytes: 3 },
  );
  expect(linesOf(view, 8999)).toEqual([
    '  •  build  api       7.0 s  [2/3] COPY . .',
    '  ✓  build  web       0 ms',
    '  •  push   shop-api  7.0 s  a1b2: Pushing 33 %',
  ]);
  const done = [
    { type: 'image-build-finished', service: 'api', repository: 'shop-api', digest, durationMs: 3_200 },
    { type: 'image-pushed', repository: 'shop-api', tag: 'production-abc1234', digest, durationMs: 900 },
  ] as const;
  const after = done.reduce((shown, event) => follow(shown, event, 9000), view);
  expect(linesOf(after)).toEqual([
    '  ✓  build  api       3.2 s',
    '  ✓  build  web       0 ms',
    '  ✓  push   shop-api  900 ms',
  ]);
});

it('shows databases that are migrated side by side, each with what runs on it', () => {
  const on = (database: string) => ({ database, service: database, name: '0002_b' });
  const view = viewAfter(
    { type: 'database-checked', database: 'api', planned: 1 },
    { type: 'database-started', database: 'api', planned: 1 },
    { type: 'database-started', database: 'web', planned: 1 },
    { type: 'migration-started', ...on('api'), direction: 'up', late: false },
    { type: 'waiting-for-lock', database: 'web', service: 'web', location: 'db', timeoutMs: 1, reason: 'locked' },
    { type: 'database-refused', database: 'ops', error: 'drifted' },
    { type: 'hook-started', ...on('api'), hook: 'afterEach' },
  );
  expect(linesOf(view, 8999)).toEqual([
    '  •  migrate  api  7.0 s  afterEach',
    '  •  migrate  web  7.0 s  locked',
    '  ✗  migrate  ops  0 ms   drifted',
  ]);
  const ended: readonly BatchEvent[] = [
    { type: 'migration-failed', ...on('web'), direction: 'up', error: 'no such table' },
    { type: 'database-finished', database: 'web', outcome: 'failed', applied: 0 },
    { type: 'database-finished', database: 'api', outcome: 'done', applied: 1 },
  ];
  expect(linesOf(ended.reduce((shown, event) => follow(shown, event, 3000), view))).toEqual([
    '  ✓  migrate  api  2.0 s',
    '  ✗  migrate  web  2.0 s  no such table',
    '  ✗  migrate  ops  0 ms   drifted',
  ]);
});

it('shows each migration that is reverted as a step of its own', () => {
  const on = { database: 'api', service: 'api' };
  const view = viewAfter(
    { type: 'migration-started', ...on, name: '0002_b', direction: 'down', late: false },
    { type: 'migration-reverted', ...on, name: '0002_b', durationMs: 12 },
    { type: 'migration-started', ...on, name: '0001_a', direction: 'down', late: false },
    { type: 'migration-failed', ...on, name: '0001_a', direction: 'down', error: 'no such table' },
  );
  expect(linesOf(view)).toEqual(['  ✓  revert  api 0002_b  12 ms', '  ✗  revert  api 0001_a  0 ms   no such table']);
});

it('counts checks, which end side by side', () => {
  const finding = { check: 'clock', group: 'machine', status: 'ok', message: 'right' } as const;
  const view = follow(emptyView, { type: 'check-finished', finding }, 0);
  expect(linesOf(follow(view, { type: 'check-finished', finding }, 9))).toEqual(['2 checks made']);
});
