import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

import { BlueGreenError } from '../../../errors.ts';

// Below the range from which systems pick ports for outgoing connections (32768 and up on Linux), so that between
// choosing a port and a service listening on it no client's connection takes it.
const first = 21_000;
const count = 11_000;

export interface PortRequest {
  /** What the port is for; the same purpose starts looking at the same number. */
  readonly purpose: string;
  /** Where it is to be listened at; 127.0.0.1 by default. */
  readonly host?: string | undefined;
  /** Ports given out already. */
  readonly taken: ReadonlySet<number>;
}

/** Gives each slot a port of its own, one after the other: two that start at once never get the same. */
export class SlotPorts {
  readonly #given = new Map<string, number>();
  readonly #options: { readonly scope: string; readonly reserved: () => Iterable<number> };
  #turn: Promise<unknown> = Promise.resolve();

  /** `scope` tells environments apart; `reserved` are ports that are not for slots. */
  constructor(options: { readonly scope: string; readonly reserved: () => Iterable<number> }) {
    this.#options = options;
  }

  /** Notes a port that was given out before. */
  keep(slot: string, port: number): void {
    this.#given.set(slot, port);
  }

  give(slot: string): Promise<number> {
    const given = this.#turn.then(async () => {
      const { scope, reserved } = this.#options;
      this.#given.delete(slot);
      const port = await findPort({
        purpose: `${scope} ${slot}`,
        taken: new Set([...reserved(), ...this.#given.values()]),
      });
      this.#given.set(slot, port);
      return port;
    });
    this.#turn = given.catch(() => undefined);
    return given;
  }
}

/** Finds a port nobody listens on. */
export async function findPort({ purpose, host = '127.0.0.1', taken }: PortRequest): Promise<number> {
  const start = createHash('sha256').update(purpose).digest().readUInt32BE() % count;
  for (let step = 0; step < count; step += 1) {
    const port = first + ((start + step) % count);
    if (!taken.has(port) && (await isFree(host, port))) return port;
  }
  throw new BlueGreenError('BLUEGREEN_PORT_IN_USE', `every port from ${first} to ${first + count - 1} is in use`, {
    hint: 'stop environments that are not needed: maestro stop',
  });
}

async function isFree(host: string, port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
