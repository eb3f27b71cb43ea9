import { createHash } from 'node:crypto';

import { formatAddress, overlap, sizeOf, type Subnet } from './ipv4.ts';

// Private addresses (RFC 1918) that are far from those which Docker, home routers and cloud networks begin with.
const pool: Subnet = { first: 0x0a_c0_00_00, bits: 10 };
const networkBits = 22;

/** Chooses a subnet of 1,024 addresses that nothing has; the same name begins looking at the same one. */
export function freeSubnet(name: string, taken: readonly Subnet[]): Subnet | undefined {
  const count = sizeOf(pool) / sizeOf({ bits: networkBits });
  const start = createHash('sha256').update(name).digest().readUInt32BE() % count;
  for (let step = 0; step < count; step += 1) {
    const candidate = {
      first: pool.first + ((start + step) % count) * sizeOf({ bits: networkBits }),
      bits: networkBits,
    };
    if (!taken.some((other) => overlap(candidate, other))) return candidate;
  }
  return undefined;
}

/** How the addresses of an environment's network are divided. */
export interface NetworkPlan {
  /** The machine's own address in it. */
  readonly gateway: string;
  /** For slots: from the first to the last one, both included. */
  readonly fixed: { readonly first: number; readonly last: number };
  /** The upper quarter, which the engine hands out by itself. */
  readonly dynamic: Subnet;
}

/** Undefined for a subnet that is too small. */
export function planNetwork(subnet: Subnet): NetworkPlan | undefined {
  if (subnet.bits > 28) return undefined;
  const dynamic = { first: subnet.first + (sizeOf(subnet) / 4) * 3, bits: subnet.bits + 2 };
  return {
    gateway: formatAddress(subnet.first + 1),
    fixed: { first: subnet.first + 2, last: dynamic.first - 1 },
    dynamic,
  };
}
