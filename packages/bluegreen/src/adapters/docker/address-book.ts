import { readFile } from 'node:fs/promises';

import { isMaestroError, type Logger, messageOf, writeFileDurably } from '@maestro/core';
import { z } from 'zod';

import type { InstanceAddress } from '../../ports/runtime.ts';
import type { PlaceInSlot, SlotAddresses } from '../../ports/slot-addresses.ts';
import { type AddressRange, handOut, type HandedOut, reconcile } from './address-plan.ts';
import { placeName } from './container-labels.ts';
import type { EnvironmentNetwork } from './environment-network.ts';
import { addressesExhausted } from './errors.ts';
import { formatAddress, formatSubnet, parseAddress, parseSubnet } from './ipv4.ts';
import { planNetwork } from './network-plan.ts';

/** How the router reaches containers: at their addresses in the network, or at ports of 127.0.0.1 that they publish. */
export type Reach = 'bridge' | 'published';

export interface AddressBookOptions {
  readonly file: string;
  readonly network: EnvironmentNetwork;
  readonly reach: () => Promise<Reach>;
  /** What the labels of containers say of their addresses, by place. */
  readonly observed: () => Promise<ReadonlyMap<string, InstanceAddress>>;
  readonly logger: Logger;
}

const bookSchema = z.object({
  subnet: z.string(),
  /** Addresses in the network and ports of 127.0.0.1, by place. */
  bridge: z.record(z.string(), z.string()),
  published: z.record(z.string(), z.int()),
});
type Book = z.infer<typeof bookSchema>;

interface GivenAddress {
  readonly host: string;
  /** Of a published one. */
  readonly port?: number;
}

interface Given {
  readonly numbers: HandedOut;
  readonly addressOf: (number: number) => GivenAddress;
}

const emptyBook: Book = { subnet: '', bridge: {}, published: {} };

// Below the range from which systems pick ports for outgoing connections, and beside that of embedded environments.
const ports: AddressRange = { first: 18_000, last: 20_999 };

/**
 * The addresses of an environment's slots, written down when they are handed out; what containers have is right where the two
 * differ, so that a lost file costs nothing while they are there.
 */
export class AddressBook implements SlotAddresses {
  readonly #options: AddressBookOptions;
  /** What is known already; a container's own port is not part of it, it may become another one. */
  readonly #given = new Map<string, GivenAddress>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: AddressBookOptions) {
    this.#options = options;
  }

  addressesOf(places: readonly PlaceInSlot[]): Promise<readonly InstanceAddress[]> {
    const addresses = this.#turn.then(() => this.#addressesOf(places));
    this.#turn = addresses.catch(() => undefined);
    return addresses;
  }

  /**
   * Where what listens on this machine is reached from the network, which is made where it is not there; what was written down holds
   * while the engine is away.
   */
  async servicesHost({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<string> {
    const { network, reach } = this.#options;
    const written = await this.#read();
    try {
      const [how, found] = await Promise.all([reach(), network.ensure({ preferred: written.subnet, signal })]);
      return how === 'published' ? loopback : found.gateway;
    } catch (error) {
      const subnet = parseSubnet(written.subnet);
      const known = subnet && planNetwork(subnet);
      if (known === undefined || !isMaestroError(error, 'BLUEGREEN_ENGINE_UNREACHABLE')) throw error;
      return Object.keys(written.published).length > 0 ? loopback : known.gateway;
    }
  }

  /** To be called when the network is removed. */
  forget(): void {
    this.#given.clear();
  }

  async #addressesOf(places: readonly PlaceInSlot[]): Promise<readonly InstanceAddress[]> {
    if (!places.every((place) => this.#given.has(placeName(place)))) {
      const given = await this.#give(places.map(placeName));
      for (const [name, number] of Object.entries(given.numbers)) this.#given.set(name, given.addressOf(number));
    }
    return places.map((place) => {
      const address = this.#given.get(placeName(place)) ?? { host: '' };
      return { host: address.host, port: address.port ?? place.port };
    });
  }

  /** What was written down holds while the engine is away, as far as it goes. */
  async #give(names: readonly string[]): Promise<Given> {
    const written = await this.#read();
    try {
      return await this.#giveNow(names, written);
    } catch (error) {
      const known = givenIn(written);
      const isKnown = names.every((name) => Object.hasOwn(known.numbers, name));
      if (!isKnown || !isMaestroError(error, 'BLUEGREEN_ENGINE_UNREACHABLE')) throw error;
      return known;
    }
  }

  async #giveNow(names: readonly string[], written: Book): Promise<Given> {
    const { network, reach, observed } = this.#options;
    const [{ subnet, fixed }, found, how] = await Promise.all([
      network.ensure({ preferred: written.subnet }),
      observed(),
      reach(),
    ]);
    const book = { ...written, subnet: formatSubnet(subnet) };
    const seen = [...found];
    if (how === 'published') {
      const inUse = fromEntries(seen, ({ host, port }) => (host === loopback ? port : undefined));
      const known = reconcile(written.published, inUse);
      const what = `127.0.0.1:${ports.first} to ${ports.last}`;
      const published = this.#handOut(names, { known, range: ports, what });
      await this.#write(written, { ...book, published });
      return { numbers: published, addressOf: portOnly };
    }
    const inUse = fromEntries(seen, ({ host }) => parseAddress(host));
    const known = reconcile(givenIn({ ...written, published: {} }).numbers, inUse);
    const numbers = this.#handOut(names, { known, range: fixed, what: book.subnet });
    const bridge = Object.fromEntries(Object.entries(numbers).map(([name, number]) => [name, formatAddress(number)]));
    await this.#write(written, { ...book, bridge });
    return { numbers, addressOf: hostOnly };
  }

  #handOut(
    names: readonly string[],
    { what, ...from }: { readonly known: HandedOut; readonly range: AddressRange; readonly what: string },
  ): HandedOut {
    const given = handOut(names, from);
    if (given === undefined) throw addressesExhausted(what);
    return given;
  }

  async #read(): Promise<Book> {
    const { file, logger } = this.#options;
    try {
      return bookSchema.parse(JSON.parse(await readFile(file, 'utf8')));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
        logger.warn('the address book cannot be read and is made of what containers have', {
          file,
          error: messageOf(error),
        });
      }
      return emptyBook;
    }
  }

  async #write(before: Book, book: Book): Promise<void> {
    if (JSON.stringify(before) === JSON.stringify(book)) return;
    await writeFileDurably(this.#options.file, `${JSON.stringify(book, undefined, 2)}\n`);
  }
}

const loopback = '127.0.0.1';

/** An engine publishes ports or does not: where there are any they hold. */
function givenIn({ bridge, published }: Book): Given {
  if (Object.keys(published).length > 0) return { numbers: published, addressOf: portOnly };
  return { numbers: fromEntries(Object.entries(bridge), parseAddress), addressOf: hostOnly };
}

function portOnly(port: number): GivenAddress {
  return { host: loopback, port };
}

function hostOnly(address: number): GivenAddress {
  return { host: formatAddress(address) };
}

function fromEntries<T>(
  entries: readonly (readonly [string, T])[],
  numberOf: (value: T) => number | undefined,
): HandedOut {
  return Object.fromEntries(
    entries.flatMap(([name, value]) => {
      const number = numberOf(value);
      return number === undefined ? [] : [[name, number] as const];
    }),
  );
}
