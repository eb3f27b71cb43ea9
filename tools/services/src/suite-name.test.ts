import fc from 'fast-check';
import { expect, it } from 'vitest';

import { stateFolder } from './state-folder.ts';
import { isLeftover, newRunId, newSuiteName } from './suite-name.ts';

it('does for a database, a label, a network and a path in an image repository', () => {
  expect(newSuiteName(newRunId())).toMatch(/^mt[0-9a-f]{14}$/);
});

it('tells suites of live runs from those of others, whatever is appended to the name', () => {
  const suffix = fc.stringMatching(/^([_/:-][a-z0-9_/:.-]{0,20})?$/);
  fc.assert(
    fc.property(fc.boolean(), suffix, (lives, rest) => {
      const run = newRunId();
      const name = `${newSuiteName(run)}${rest}`;
      expect(isLeftover(name, new Set(lives ? [newRunId(), run] : [newRunId()]))).toBe(!lives);
    }),
  );
});

it('leaves alone what others named: other machines, users with another state folder, people', () => {
  const ours = newSuiteName(newRunId());
  const origin = ours.slice(2, 6);
  const elsewhere = ours.replace(origin, origin === 'ffff' ? '0000' : 'ffff');
  const anotherUsers = newSuiteName(newRunId(), stateFolder('/tmp/maestro-of-somebody-else'));
  for (const name of [elsewhere, anotherUsers, 'postgres', 'mt', 'mtshop', `x${ours}`, '']) {
    expect(isLeftover(name, new Set()), name).toBe(false);
  }
});
