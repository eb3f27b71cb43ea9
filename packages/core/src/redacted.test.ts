import { format, inspect } from 'node:util';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { Redacted } from './redacted.ts';

describe('Redacted', () => {
  it('gives its value out only by reveal', () => {
    expect(new Redacted('p4ss').reveal()).toBe('p4ss');
  });

  it('shows no value in any way of printing it', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 12 }), (text) => {
        const value = `needle-${text}`;
        const holder = { password: new Redacted(value), list: [new Redacted(value)] };
        const printed = [
          String(holder.password),
          JSON.stringify(holder),
          inspect(holder, { showHidden: true, depth: 9 }),
          format('%s %o %j', holder.password, holder, holder),
          Object.keys(holder.password).join(),
        ];
        for (const line of printed) expect(line).not.toContain('needle-');
      }),
    );
  });
});
