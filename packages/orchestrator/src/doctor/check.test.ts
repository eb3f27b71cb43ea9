import { MaestroError } from '@maestro/core';
import { expect, it } from 'vitest';

import { check } from './check.ts';
import { ok } from './finding.ts';
import { Nothing } from './nothing.ts';
import type { World } from './world.ts';

const world = {} as World;
const named = { name: 'engine', group: 'engine' } as const;

it('judges what it saw', async () => {
  const one = check({ ...named, look: () => ({ version: '27' }), judge: ({ version }) => ok(version) });
  expect(await one.run(world)).toEqual({ check: 'engine', group: 'engine', status: 'ok', message: '27' });
});

it('is skipped where there is nothing to see', async () => {
  const one = check({ ...named, look: () => new Nothing('no engine'), judge: () => ok('') });
  expect(await one.run(world)).toEqual({ check: 'engine', group: 'engine', status: 'skipped', message: 'no engine' });
});

it('tells the error that it met, and what to do about it', async () => {
  const error = new MaestroError('BLUEGREEN_ENGINE_UNREACHABLE', 'no answer', { hint: 'docker info' });
  const one = check({ ...named, look: () => Promise.reject(error), judge: () => ok('') });
  expect(await one.run(world)).toMatchObject({
    status: 'failed',
    message: 'no answer',
    fix: 'docker info',
    code: 'BLUEGREEN_ENGINE_UNREACHABLE',
  });
});

it('leaves that to the check that says so', async () => {
  const look = () => Promise.reject(new Error('no answer'));
  const one = check({ name: 'engine-version', group: 'engine', saidBy: 'engine', look, judge: () => ok('') });
  expect(await one.run(world)).toMatchObject({ status: 'skipped', message: 'cannot be told: see engine' });
});

it('is a finding also where the judgement itself goes wrong', async () => {
  const judge = () => {
    throw new Error('a bug');
  };
  expect(await check({ ...named, look: () => 1, judge }).run(world)).toMatchObject({
    status: 'failed',
    code: 'INTERNAL',
    fix: 'maestro doctor --verbose',
  });
});
