import { expect, it } from 'vitest';

import { completeHint } from './hint.ts';

const flags = { environment: 'production', config: 'deploy/maestro.config.ts' };

it('completes every command of a hint with what this call was given', () => {
  expect(completeHint('maestro resume finishes it, maestro abort undoes it', flags)).toBe(
    'maestro resume -c deploy/maestro.config.ts -e production finishes it, maestro abort -c deploy/maestro.config.ts -e production undoes it',
  );
  expect(completeHint('maestro migrate run --service api, then maestro migrate status', { environment: 'demo' })).toBe(
    'maestro migrate run -e demo --service api, then maestro migrate status -e demo',
  );
  expect(completeHint('maestro secrets upload --restore takes it back', { environment: 'demo' })).toBe(
    'maestro secrets upload -e demo --restore takes it back',
  );
  expect(completeHint('maestro status shows who', { environment: 'demo' })).toBe('maestro status -e demo shows who');
});

it('leaves alone what was not given, is complete already or is no command', () => {
  expect(completeHint('maestro resume', {})).toBe('maestro resume');
  expect(completeHint('maestro stop -e demo --yes', flags)).toBe('maestro stop -e demo --yes');
  expect(completeHint('write a maestro.config.ts; ask maestro people', flags)).toBe(
    'write a maestro.config.ts; ask maestro people',
  );
});
