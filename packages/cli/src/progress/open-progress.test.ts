import { ManualClock } from '@maestro/core/testing';
import { expect, it } from 'vitest';

import { RecordedStream } from '../testing/recorded-stream.ts';
import { tellRelease } from '../testing/sample-data.ts';
import { openProgress } from './open-progress.ts';

it('prints plain lines on a terminal that claims no width', async () => {
  const stderr = new RecordedStream({ isTTY: true, columns: 0 });
  const progress = await openProgress({
    flags: { color: true },
    stdout: new RecordedStream({ isTTY: true }),
    stderr,
    env: {},
    clock: new ManualClock(),
  });
  await tellRelease(progress.onEvent);
  progress.close();
  expect(stderr.text.split('\n')).toContain('12:03:07 start gateway … 2.0 s');
});
