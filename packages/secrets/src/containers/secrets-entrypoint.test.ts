import { readFileSync } from 'node:fs';

import { expect, it } from 'vitest';

import { secretsEntrypoint } from './secrets-entrypoint.ts';

it('is the script that Dockerfiles of this repository copy', () => {
  const copy = new URL('../../../../dockerfiles/secrets-entrypoint.sh', import.meta.url);
  expect(readFileSync(copy, 'utf8')).toBe(secretsEntrypoint);
});
