import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseChallenges } from './challenges.ts';

describe('a challenge', () => {
  it('is read with its parameters, whatever the case of their names', () => {
    const header =
      'Bearer realm="https://auth.docker.io/token",Service="registry.docker.io", scope="repository:a/b:pull,push"';
    expect(parseChallenges(header)).toEqual([
      {
        scheme: 'bearer',
        parameters: {
          realm: 'https://auth.docker.io/token',
          service: 'registry.docker.io',
          scope: 'repository:a/b:pull,push',
        },
      },
    ]);
  });

  it('may be one of several', () => {
    expect(parseChallenges('Negotiate, Basic realm="a, b", Bearer realm=c')).toEqual([
      { scheme: 'negotiate', parameters: {} },
      { scheme: 'basic', parameters: { realm: 'a, b' } },
      { scheme: 'bearer', parameters: { realm: 'c' } },
    ]);
  });

  it('gives back every value that was quoted', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[\x20-\x7e]*$/), (realm) => {
        const quoted = realm.replace(/["\\]/g, '\\$&');
        expect(parseChallenges(`Basic realm="${quoted}", charset="UTF-8"`)).toEqual([
          { scheme: 'basic', parameters: { realm, charset: 'UTF-8' } },
        ]);
      }),
    );
  });

  it('is found in no text that holds none, and any text is read to its end', () => {
    expect(parseChallenges('')).toEqual([]);
    expect(parseChallenges('="')).toEqual([]);
    fc.assert(fc.property(fc.string(), (header) => Array.isArray(parseChallenges(header))));
  });
});
