import { expect, it } from 'vitest';

import { splitReference } from './docker-engine.ts';

it.each([
  ['node:24-bookworm-slim', 'node', '24-bookworm-slim'],
  ['127.0.0.1:5000/team/api:1', '127.0.0.1:5000/team/api', '1'],
  ['127.0.0.1:5000/team/api', '127.0.0.1:5000/team/api', 'latest'],
])('splits %s into %s and %s', (reference, repository, tag) => {
  expect(splitReference(reference)).toEqual({ repository, tag });
});
