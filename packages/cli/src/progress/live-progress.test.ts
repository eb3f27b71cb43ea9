import { stripVTControlCharacters } from 'node:util';

import { isoTime } from '@maestro/core';
import { ManualClock } from '@maestro/core/testing';
import { expect, it } from 'vitest';

import { plainStyle } from '../testing/plain-style.ts';
import { RecordedStream } from '../testing/recorded-stream.ts';
import { release, startStep } from '../testing/sample-data.ts';
import { liveProgress } from './live-progress.ts';

function open() {
  const clock = new ManualClock();
  const stderr = new RecordedStream({ isTTY: true });
  const progress = liveProgress({ stderr, colors: plainStyle.colors, clock });
  const text = () => stripVTControlCharacters(stderr.text);
  return { clock, stderr, progress, text };
}

it('keeps the time of a running step moving without events', async () => {
  const { clock, progress, text } = open();
  progress.onEvent({ type: 'step-started', release, step: startStep, at: isoTime(clock) });
  await clock.advance(3000);
  progress.close();
  expect(text()).toContain('start  gateway  1.0 s');
  expect(text()).toMatch(/start {2}gateway {2}3\.0 s\n$/);
});

it('draws nothing for a command without events', async () => {
  const { clock, progress, text } = open();
  await clock.advance(3000);
  progress.close();
  expect(text()).toBe('');
});

it('draws nothing more once it is closed', async () => {
  const { clock, stderr, progress } = open();
  progress.onEvent({ type: 'step-started', release, step: startStep, at: isoTime(clock) });
  progress.close();
  const { text } = stderr;
  await clock.advance(3000);
  expect(stderr.text).toBe(text);
});
