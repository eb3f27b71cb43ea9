/** An IPv4 subnet; addresses are numbers of 32 bits. */
export interface Subnet {
  readonly first: number;
  readonly bits: number;
}

/** Undefined for what is no IPv4 subnet, such as one of IPv6. */
export function parseSubnet(text: string): Subnet | undefined {
  const [, address = '', length = ''] = /^([\d.]+)\/(\d+)$/.exec(text) ?? [];
  const number = parseAddress(address);
  const bits = Number(length);
  if (number === undefined || bits > 32) return undefined;
  return { first: number - (number % sizeOf({ bits })), bits };
}

export function formatSubnet({ first, bits }: Subnet): string {
  return `${formatAddress(first)}/${bits}`;
}

export function parseAddress(text: string): number | undefined {
  const parts = text.split('.').map((part) => (/^\d{1,3}$/.test(part) ? Number(part) : 256));
  if (parts.length !== 4 || parts.some((part) => part > 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}

export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

export function sizeOf({ bits }: Pick<Subnet, 'bits'>): number {
  return 2 ** (32 - bits);
}

export function contains(subnet: Subnet, address: number): boolean {
  return address >= subnet.first && address < subnet.first + sizeOf(subnet);
}

export function overlap(one: Subnet, other: Subnet): boolean {
  return contains(one, other.first) || contains(other, one.first);
}

/** Where the machine itself sends packets to, of `/proc/net/route`, without the default route. */
export function subnetsOfRoutes(table: string): readonly Subnet[] {
  return table
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, destination = '', , , , , , mask = ''] = line.split(/\s+/);
      const bits = hexBytes(mask).reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0);
      const address = parseAddress(hexBytes(destination).join('.'));
      return address === undefined || bits === 0 ? [] : [{ first: address, bits }];
    });
}

/** The table has numbers as the processor keeps them: the last byte comes first. */
function hexBytes(text: string): readonly number[] {
  return [...text.matchAll(/../g)].map(([byte]) => Number.parseInt(byte, 16)).reverse();
}
