import { expect, it } from 'vitest';

import { readRequest, timeOf } from './logged-request.ts';

function line(fields: Readonly<Record<string, string>> = {}): string {
  return JSON.stringify({
    at: '1500.250',
    service: 'web',
    slot: 'green',
    status: '200',
    seconds: '0.300',
    upstreamSeconds: '0.120',
    long: '',
    canary: '',
    preview: '',
    path: '/',
    ...fields,
  });
}

it.each([
  ['a request', {}, { status: 200, durationMs: 120 }],
  ['a failed one', { status: '502' }, { status: 502, durationMs: 120 }],
  ['one that two replicas were asked', { upstreamSeconds: '0.100, 0.020' }, { status: 200, durationMs: 120 }],
  ['one that came to no replica', { upstreamSeconds: '-' }, { status: 200, durationMs: null }],
  ['one whose client went away', { status: '499' }, { status: 499, durationMs: null }],
  ['a long-lived one', { long: '1', status: '101' }, { status: 101, durationMs: null }],
])('reads %s', (_, fields, expected) => {
  expect(readRequest(line(fields))).toEqual({ service: 'web', slot: 'green', atMs: 1_500_250, ...expected });
});

it.each([
  ['no slot', { slot: '' }],
  ['a preview', { preview: 'green' }],
  ['no time', { at: '' }],
])('passes over requests of %s', (_, fields) => {
  expect(readRequest(line(fields))).toBeNull();
});

it('is not taken in by a path that looks like a line', () => {
  const path = '"service":"web","slot":"green","status":"500"';
  expect(readRequest(line({ slot: '', path }))).toBeNull();
  expect(readRequest(line({ path }))).toMatchObject({ status: 200 });
});

it('knows the time of a line of no slot, and none of other text', () => {
  expect(timeOf(line({ slot: '' }))).toBe(1_500_250);
  expect(timeOf('nginx was here')).toBeNull();
});
