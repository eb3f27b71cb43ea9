import { describe, expect, it } from 'vitest';

import { isMaestroError, MaestroError, messageOf, reportError } from './maestro-error.ts';

describe('MaestroError', () => {
  it('is reported with its code, hint and details, and without its cause', () => {
    const error = new MaestroError('SECRETS_MISSING', '2 secrets are missing', {
      hint: 'maestro secrets upload',
      details: { names: ['A', 'B'] },
      cause: new Error('socket'),
    });
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      code: 'SECRETS_MISSING',
      message: '2 secrets are missing',
      hint: 'maestro secrets upload',
      details: { names: ['A', 'B'] },
      retryable: false,
    });
    expect(error.cause).toBeInstanceOf(Error);
  });

  it('is recognised by code, also when it comes from another copy of the package', () => {
    const error = new MaestroError('A', 'a');
    const foreign = Object.assign(new Error('b'), { [Symbol.for('@maestro/core/error')]: true, code: 'B' });
    expect(isMaestroError(error)).toBe(true);
    expect(isMaestroError(error, 'A')).toBe(true);
    expect(isMaestroError(error, 'B')).toBe(false);
    expect(isMaestroError(foreign, 'B')).toBe(true);
    expect(isMaestroError(new Error('c'))).toBe(false);
    expect(isMaestroError(null)).toBe(false);
  });
});

describe('reportError', () => {
  it('gives foreign errors the code INTERNAL', () => {
    expect(reportError(new TypeError('boom'))).toEqual({ code: 'INTERNAL', message: 'boom', retryable: false });
    expect(reportError('text')).toEqual({ code: 'INTERNAL', message: 'text', retryable: false });
  });
});

describe('messageOf', () => {
  it('joins the messages of an aggregate that has none of its own', () => {
    expect(messageOf(new AggregateError([new Error('v4 refused'), new Error('v6 refused')]))).toBe(
      'v4 refused; v6 refused',
    );
  });
});
