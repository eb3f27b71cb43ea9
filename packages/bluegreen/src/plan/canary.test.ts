import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { CanaryRule } from '../ports/router.ts';
import { pickSlot } from './canary.ts';

const routing = (percent: number) => ({ slots: { web: 'blue' } as const, canaryPercents: { web: percent } });

function pick(percent: number, rule: CanaryRule | undefined, headers: Record<string, string> = {}, newVisitor = 'new') {
  return pickSlot(routing(percent), 'web', rule, { headers, clientAddress: '192.0.2.7', newVisitor });
}

describe('pickSlot', () => {
  it('knows no slot of a service that is not live, and the live one without a canary', () => {
    const request = { headers: {}, clientAddress: '', newVisitor: 'new' };
    expect(pickSlot(null, 'web', undefined, request)).toBeUndefined();
    expect(pickSlot(routing(10), 'constructor', undefined, request)).toBeUndefined();
    const picked = pickSlot({ slots: { web: 'green' } }, 'web', undefined, request);
    expect(picked).toEqual({ slot: 'green', visitor: null });
  });

  it.each([1, 10, 50, 99])('gives the canary %d percent of the visitors', (percent) => {
    const visitors = Array.from({ length: 10_000 }, (_, index) => `visitor ${index}`);
    const green = visitors.filter((name) => pick(percent, undefined, {}, name)?.slot === 'green').length;
    expect(green).toBeGreaterThan(percent * 100 - 200);
    expect(green).toBeLessThan(percent * 100 + 200);
  });

  it('keeps a visitor on the canary while the percentage rises', () => {
    fc.assert(
      fc.property(
        fc.uuid(),
        fc.integer({ min: 0, max: 99 }),
        fc.integer({ min: 0, max: 99 }),
        (visitor, one, other) => {
          const at = (percent: number) => pick(percent, undefined, { cookie: `a=b; maestro_visitor=${visitor}` });
          if (at(Math.min(one, other))?.slot === 'green') expect(at(Math.max(one, other))?.slot).toBe('green');
          expect(at(one)?.visitor).toBeNull();
        },
      ),
    );
  });

  it('names a visitor that has no name, and draws by that name', () => {
    for (const name of ['one', 'two', 'three', 'four']) {
      const first = pick(50, undefined, {}, name);
      expect(first?.visitor).toBe(name);
      expect(pick(50, undefined, { cookie: `maestro_visitor=${name}` })?.slot).toBe(first?.slot);
    }
  });

  it.each<[string, CanaryRule['stickBy'], Record<string, string>]>([
    ['a header', { header: 'X-Tenant' }, { 'x-tenant': 'acme' }],
    ['a cookie', { cookie: 'session' }, { cookie: 'session=1f2e' }],
    ['the client address', 'client-address', {}],
  ])('draws by %s, and sets no cookie', (_, stickBy, headers) => {
    const picks = Array.from({ length: 20 }, (_unused, index) => pick(50, { stickBy }, headers, `new ${index}`));
    expect(new Set(picks.map((picked) => picked?.slot)).size).toBe(1);
    expect(picks[0]?.visitor).toBeNull();
  });

  it('draws each request by itself where nothing sticks, or what should is missing', () => {
    for (const stickBy of ['nothing', { header: 'x-tenant' }] as const) {
      const picks = Array.from({ length: 100 }, (_, index) => pick(50, { stickBy }, {}, `new ${index}`)?.slot);
      expect(new Set(picks).size).toBe(2);
    }
  });

  it('gives the canary what its rule names, also at 0 percent, and at 0 percent nothing else', () => {
    const byHeader = { match: { header: 'X-Canary', value: 'yes' } };
    expect(pick(0, byHeader, { 'x-canary': 'yes' })?.slot).toBe('green');
    expect(pick(0, byHeader, { 'x-canary': 'no' })?.slot).toBe('blue');
    const byCookie = { match: { cookie: 'canary', value: 'yes' } };
    expect(pick(0, byCookie, { cookie: 'canary=yes' })?.slot).toBe('green');
    expect(pick(0, byCookie, { cookie: 'canary=yes-no' })?.slot).toBe('blue');
  });
});
