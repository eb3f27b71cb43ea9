import fc from 'fast-check';
import { expect, it } from 'vitest';

import {
  contains,
  formatAddress,
  formatSubnet,
  overlap,
  parseAddress,
  parseSubnet,
  sizeOf,
  subnetsOfRoutes,
} from './ipv4.ts';
import { freeSubnet, planNetwork } from './network-plan.ts';

const address = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const subnetIn = ({ min }: { readonly min: number }) =>
  fc
    .record({
      address: fc.oneof(address, fc.integer({ min: 0x0ac00000, max: 0x0affffff })),
      bits: fc.integer({ min, max: 30 }),
    })
    .map(({ address: first, bits }) => ({ first: first - (first % sizeOf({ bits })), bits }));
const subnet = subnetIn({ min: 8 });

it('reads addresses and subnets as they are written', () => {
  fc.assert(
    fc.property(address, subnet, (one, many) => {
      expect(parseAddress(formatAddress(one))).toBe(one);
      expect(parseSubnet(formatSubnet(many))).toEqual(many);
    }),
  );
  expect(parseSubnet('10.200.5.7/22')).toEqual(parseSubnet('10.200.4.0/22'));
  for (const text of ['', '10.0.0/8', '10.0.0.256/8', '10.0.0.0/33', 'fd00::/64', '10.0.0.0']) {
    expect(parseSubnet(text)).toBeUndefined();
  }
});

it('chooses a subnet that overlaps with nothing, and the same one for the same name', () => {
  fc.assert(
    fc.property(fc.string(), fc.array(subnetIn({ min: 14 }), { maxLength: 15 }), (name, taken) => {
      const free = freeSubnet(name, taken);
      expect(freeSubnet(name, taken)).toEqual(free);
      // Sixteen of them would take everything.
      expect(free && taken.some((other) => overlap(other, free))).toBe(false);
    }),
  );
});

it('finds the last one that is free, and none where there is none', () => {
  const half = parseSubnet('10.192.0.0/11');
  const rest = parseSubnet('10.224.0.0/11');
  if (half === undefined || rest === undefined) throw new Error('no subnets');
  const last = Array.from({ length: 2047 }, (_, index) => ({ first: rest.first + index * 1024, bits: 22 }));
  expect(freeSubnet('shop-production', [half, ...last])).toEqual(parseSubnet('10.255.252.0/22'));
  expect(freeSubnet('shop-production', [half, rest])).toBeUndefined();
});

it('keeps the fixed addresses of a subnet apart from the gateway and from those that the engine chooses', () => {
  fc.assert(
    fc.property(subnet, (one) => {
      const plan = planNetwork(one);
      if (plan === undefined) {
        expect(one.bits).toBeGreaterThan(28);
        return;
      }
      const { fixed, dynamic, gateway } = plan;
      expect(contains(one, fixed.first) && contains(one, fixed.last)).toBe(true);
      expect(fixed.last - fixed.first).toBeGreaterThanOrEqual(sizeOf(one) / 2);
      expect(contains(dynamic, fixed.last) || contains(dynamic, fixed.first)).toBe(false);
      expect(parseAddress(gateway)).toBe(fixed.first - 1);
      expect(overlap(one, dynamic)).toBe(true);
    }),
  );
});

it('reads the routes of a machine, without the default one', () => {
  const table = [
    'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
    'eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0',
    'docker0\t0000D50A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0',
    'tun0\t0004C80A\t00000000\t0001\t0\t0\t0\t00FCFFFF\t0\t0\t0',
    '',
  ].join('\n');
  expect(subnetsOfRoutes(table).map(formatSubnet)).toEqual(['10.213.0.0/24', '10.200.4.0/22']);
  expect(subnetsOfRoutes('')).toEqual([]);
});
