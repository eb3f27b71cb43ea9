import { expect, it } from 'vitest';

import { createEmitter, type Timed } from './events.ts';
import { ManualClock, RecordingLogger } from './testing.ts';

it('stamps events with the clock', () => {
  const seen: Timed<{ type: string }>[] = [];
  const emit = createEmitter({
    onEvent: (event) => seen.push(event),
    clock: new ManualClock(0),
    logger: new RecordingLogger(),
  });
  emit({ type: 'switched' });
  expect(seen).toEqual([{ type: 'switched', at: '1970-01-01T00:00:00.000Z' }]);
});

it('logs what an observer throws and goes on', () => {
  const logger = new RecordingLogger();
  const emit = createEmitter({
    onEvent: () => {
      throw new Error('observer broke');
    },
    clock: new ManualClock(),
    logger,
  });
  emit({ type: 'switched' });
  expect(logger.lines).toEqual([
    {
      level: 'warn',
      message: 'an event observer threw',
      fields: { event: 'switched', error: 'observer broke' },
    },
  ]);
});
