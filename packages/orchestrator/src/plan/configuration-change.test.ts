import { expect, it } from 'vitest';

import { configHashOf, type StartedWith } from '../release/release-definition.ts';
import { configurationChange } from './configuration-change.ts';

const before: StartedWith = {
  command: ['node', 'server.mjs'],
  environment: { BANNER: 'one' },
  secrets: ['DB_URL'],
  secretVersions: { DB_URL: 'v1' },
  database: null,
  container: null,
};
const database = {
  adapter: 'sqlite',
  file: '/srv/api.sqlite',
  migrations: 'migrations',
  variable: 'DATABASE',
} as const;

it.each<[said: string, now: Partial<StartedWith>]>([
  ['secret DB_URL rotated', { secretVersions: { DB_URL: 'v2' } }],
  ['secret KEY added', { secrets: ['DB_URL', 'KEY'], secretVersions: { DB_URL: 'v1', KEY: 'v1' } }],
  ['secret DB_URL removed', { secrets: [], secretVersions: {} }],
  ['variable BANNER changed', { environment: { BANNER: 'two' } }],
  ['variable BANNER removed, variable FLAG added', { environment: { FLAG: '' } }],
  ['command changed', { command: ['node', 'other.mjs'] }],
  ['database changed', { database }],
  [
    'secret DB_URL rotated, variable A added, variable B added, 2 more',
    { secretVersions: { DB_URL: 'v2' }, environment: { BANNER: 'two', A: '', B: '' }, command: [] },
  ],
])('says %s, and no value', (said, now) => {
  expect(configurationChange(before, { ...before, ...now })).toBe(said);
  expect(configHashOf({ ...before, ...now })).not.toBe(configHashOf(before));
});

it('says nothing of what is the same', () => {
  expect(configurationChange(before, { ...before, environment: { BANNER: 'one' } })).toBeUndefined();
});
