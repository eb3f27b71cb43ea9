import type { BatchEvent, ImageEvent, ReleaseEvent, ScanEvent } from '@maestro/orchestrator';
import { expect, it } from 'vitest';

import { noon, release, startStep, switchStep, tellRelease } from '../testing/sample-data.ts';
import { renderEventLine } from './event-line.ts';

it('says every event of a release in one line', async () => {
  const lines: (string | null)[] = [];
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

it('says every event of an image in one line, and nothing of parts of layers', () => {
  const digest = `sha256:1a2b3c4d5e6f${'0'.repeat(52)}`;
  const image = { service: 'api', repository: 'shop-api' };
  const events: readonly (ImageEvent | ScanEvent)[] = [
    { type: 'image-build-started', ...image, inputHash: digest },
    { type: 'image-build-output', service: 'api', line: '[2/3] COPY . .' },
    { type: 'image-build-finished', ...image, digest, durationMs: 3_200 },
    { type: 'image-unchanged', ...image, digest },
    {
      type: 'image-layer',
      repository: 'shop-api',
      direction: 'push',
      layer: 'a1',
      status: 'Pushing',
      currentBytes: 1,
      totalBytes: 2,
    },
    { type: 'image-pushed', repository: 'team/shop-api', tag: 'production-abc1234', digest, durationMs: 900 },
    { type: 'image-pulled', repository: 'team/shop-api', digest, durationMs: 5 },
    { type: 'image-copied', repository: 'shop-api', digest, tags: [], copiedBytes: 7, durationMs: 80 },
    { type: 'image-scan-started', repository: 'shop-api', digest },
    {
      type: 'image-scan-finished',
      repository: 'shop-api',
      digest,
      scanner: 'trivy',
      findings: 3,
      refused: 1,
      allowed: 2,
      durationMs: 70,
    },
    { type: 'image-allowance', id: 'CVE-2026-1', until: '2026-01-01', problem: 'expired' },
  ];
  expect(events.map((event) => renderEventLine({ ...event, at: new Date(noon).toISOString() }))).toEqual([
    '12:03:04 build api …',
    '12:03:04 build api: [2/3] COPY . .',
    '12:03:04 build api … 3.2 s, 1a2b3c4d5e6f',
    '12:03:04 build api: unchanged, 1a2b3c4d5e6f',
    null,
    '12:03:04 push shop-api:production-abc1234 … 900 ms, 1a2b3c4d5e6f',
    '12:03:04 pull shop-api … 5 ms, 1a2b3c4d5e6f',
    '12:03:04 copy shop-api … 80 ms, 1a2b3c4d5e6f',
    '12:03:04 scan shop-api …',
    '12:03:04 scan shop-api … 70 ms, 3 findings, 1 refused, 2 accepted',
    '12:03:04 the accepted CVE-2026-1 is accepted no longer',
  ]);
});

it('says every event of a database in one line, and nothing of single statements', () => {
  const about = { database: 'api', service: 'api', name: '0002_b' };
  const events: readonly BatchEvent[] = [
    { type: 'database-checked', database: 'api', planned: 2 },
    { type: 'database-checked', database: 'web', planned: 0 },
    { type: 'database-refused', database: 'web', error: 'web: changed' },
    { type: 'database-started', database: 'api', planned: 2 },
    { type: 'waiting-for-lock', database: 'api', service: 'api', location: 'db', timeoutMs: 60_000, reason: 'locked' },
    { type: 'migration-started', ...about, direction: 'up', late: false },
    { type: 'statement-applied', ...about, direction: 'up', number: 1, total: 2, durationMs: 3 },
    { type: 'migration-applied', ...about, durationMs: 12, late: false },
    { type: 'migration-failed', ...about, direction: 'up', error: 'no such table' },
    { type: 'database-finished', database: 'api', outcome: 'failed', applied: 1 },
    { type: 'migration-started', ...about, direction: 'down', late: false },
    { type: 'migration-failed', ...about, direction: 'down', error: 'no such table' },
    { type: 'migration-reverted', ...about, durationMs: 12 },
    { type: 'hook-started', ...about, name: null, hook: 'beforeRun' },
    { type: 'hook-finished', ...about, name: null, hook: 'beforeRun', durationMs: 12 },
    { type: 'hook-started', ...about, hook: 'beforeEach' },
    { type: 'hook-finished', ...about, hook: 'beforeEach', durationMs: 12 },
    { type: 'migration-adopted', ...about, from: 'alembic' },
    { type: 'schema-dumped', database: 'api', service: 'api', file: 'schema.sql', changed: false },
  ];
  expect(events.map((event) => renderEventLine({ ...event, at: new Date(noon).toISOString() })?.slice(9))).toEqual([
    'check api: 2 to apply',
    'check web: up to date',
    'check web: refused: web: changed',
    'migrate api …',
    'api waits up to 1 min 0 s: locked',
    'migrate api: 0002_b …',
    undefined,
    'migrate api: 0002_b … 12 ms',
    'migrate api: 0002_b … failed: no such table',
    'migrate api … failed, 1 applied',
    'revert api: 0002_b …',
    'revert api: 0002_b … failed: no such table',
    'revert api: 0002_b … 12 ms',
    'hook api: beforeRun …',
    'hook api: beforeRun … 12 ms',
    undefined,
    undefined,
    'adopt api: 0002_b, from alembic',
    'dump api: schema.sql, unchanged',
  ]);
});
