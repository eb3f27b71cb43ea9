import fc from 'fast-check';
import { expect, it } from 'vitest';

import { nearestName } from './nearest-name.ts';

it.each([
  ['helth', ['path', 'health'], 'health'],
  ['wbe', ['api', 'web'], 'web'],
  ['DependsOn', ['context', 'dependsOn'], 'dependsOn'],
  ['productoin', ['development', 'production'], 'production'],
  ['payments', ['api', 'web'], undefined],
  ['db', ['a', 'api'], undefined],
  ['api', [], undefined],
])('takes %s among %j for %s', (name, candidates, nearest) => {
  expect(nearestName(name, candidates)).toBe(nearest);
});

it('finds the name from which one letter was dropped', () => {
  const property = fc.property(fc.stringMatching(/^[a-z]{4,12}$/), fc.nat(), (name, at) => {
    const index = at % name.length;
    expect(nearestName(name.slice(0, index) + name.slice(index + 1), ['0000000000', name])).toBe(name);
  });
  fc.assert(property);
});
