import { ManualClock } from '@maestro/core/testing';
import { describe, expect, it } from 'vitest';

import { describeFailure, isUnsupported, retryAfterMs } from './answers.ts';
import type { HttpAnswer } from './http.ts';

const clock = new ManualClock(Date.UTC(2026, 0, 1, 12));

it.each([
  ['120', 120_000],
  ['0', 0],
  ['Thu, 01 Jan 2026 12:00:30 GMT', 30_000],
  ['Thu, 01 Jan 2026 11:00:00 GMT', 0],
  ['soon', undefined],
  [undefined, undefined],
])('Retry-After: %s asks to wait for %s ms', (header, ms) => {
  expect(retryAfterMs(header, clock)).toBe(ms);
});

describe('a failure', () => {
  const answer = (status: number, body: string): HttpAnswer => ({
    method: 'DELETE',
    url: new URL('https://registry.example.com/v2/'),
    status,
    header: () => undefined,
    body: Buffer.from(body),
  });

  it('is told as the registry tells it', () => {
    const errors = { errors: [{ code: 'NAME_UNKNOWN', message: 'no such repository' }, { code: 'DENIED' }] };
    expect(describeFailure(answer(404, JSON.stringify(errors)))).toBe('404, NAME_UNKNOWN no such repository, DENIED');
  });

  it('is told by its status where the registry says nothing, or something else', () => {
    expect(describeFailure(answer(418, '<html>teapot</html>'))).toBe('418');
  });

  it('is told in a line of bounded length', () => {
    const errors = { errors: [{ code: 'DENIED', message: 'no '.repeat(1000) }] };
    expect(describeFailure(answer(400, JSON.stringify(errors)))).toHaveLength(200);
  });

  it('may say that the registry cannot do it at all', () => {
    expect(isUnsupported(answer(405, ''))).toBe(true);
    expect(isUnsupported(answer(400, '{"errors":[{"code":"UNSUPPORTED"}]}'))).toBe(true);
    expect(isUnsupported(answer(400, '{"errors":[{"code":"DIGEST_INVALID"}]}'))).toBe(false);
  });
});
