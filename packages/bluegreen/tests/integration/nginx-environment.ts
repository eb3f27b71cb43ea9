import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { systemClock } from '@maestro/core';
import { WebSocketServer } from 'ws';

import { HostNginx } from '../../src/adapters/nginx/host-nginx.ts';
import { nginxLayout } from '../../src/adapters/nginx/nginx-layout.ts';
import type { NginxProgram } from '../../src/adapters/nginx/nginx-program.ts';
import { type Nginx, openNginx } from '../../src/nginx.ts';
import type { Topology } from '../../src/ports/router.ts';
import type { InstanceAddress, InstanceKey } from '../../src/ports/runtime.ts';
import type { SlotAddresses } from '../../src/ports/slot-addresses.ts';
import { type Slot, slotName } from '../../src/slots.ts';

/** Services of one process, a listener for each place, at addresses that are handed out once. */
export class Backends implements SlotAddresses, AsyncDisposable {
  readonly #listener: (place: string) => RequestListener;
  readonly #servers = new Map<string, Server>();

  constructor(listener: (place: string) => RequestListener) {
    this.#listener = listener;
  }

  async addressesOf(places: readonly (InstanceKey & { readonly replica: number })[]) {
    const addresses: InstanceAddress[] = [];
    for (const place of places) addresses.push(await this.#addressOf(`${slotName(place)}.${place.replica}`));
    return addresses;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers.values()) {
      server.closeAllConnections();
      server.close();
    }
    return Promise.resolve();
  }

  async #addressOf(place: string): Promise<InstanceAddress> {
    let server = this.#servers.get(place);
    if (server === undefined) {
      server = createServer({ requestTimeout: 0 }, this.#listener(place));
      server.on('upgrade', (request, socket, head) => {
        new WebSocketServer({ noServer: true }).handleUpgrade(request, socket, head, (accepted) => {
          accepted.on('message', (data) => {
            accepted.send(`${place.split('.')[1] ?? ''}: ${Buffer.isBuffer(data) ? data.toString() : ''}`);
          });
        });
      });
      this.#servers.set(place, server);
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
    }
    return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
  }
}

/** Answers with the slot, once the request has come whole. */
function sayingSlot(place: string): RequestListener {
  return (request, response) => {
    request.resume();
    request.once('end', () => response.end(place.split('.')[1]));
  };
}

/** An nginx in a folder of its own; it ends with it. */
export class NginxEnvironment implements AsyncDisposable {
  readonly folder: string;
  readonly nginx: Nginx;
  readonly program: NginxProgram;
  readonly backends: Backends;

  private constructor(options: {
    readonly folder: string;
    readonly program: NginxProgram;
    readonly backends: Backends;
    readonly goodbyeMs: number | undefined;
  }) {
    const { folder, program, backends, goodbyeMs } = options;
    this.folder = folder;
    this.program = program;
    this.backends = backends;
    this.nginx = openNginx({
      stateFolder: folder,
      slots: backends,
      program: () => program,
      // The folder is in one that only its user may enter.
      workerUser: process.getuid?.() === 0 ? 'root' : undefined,
      goodbyeMs,
    });
  }

  static async open({
    program,
    listener = sayingSlot,
    goodbyeMs,
  }: {
    /** The nginx of this machine; or how another one is run. */
    readonly program: string | ((folder: string) => NginxProgram);
    readonly listener?: (place: string) => RequestListener;
    readonly goodbyeMs?: number;
  }): Promise<NginxEnvironment> {
    const folder = await mkdtemp(join(tmpdir(), 'maestro-nginx-'));
    const run =
      typeof program === 'string'
        ? new HostNginx({ program, layout: nginxLayout(folder), clock: systemClock })
        : program(folder);
    return new NginxEnvironment({ folder, program: run, backends: new Backends(listener), goodbyeMs });
  }

  /** The same environment, its nginx run in another way. */
  with(program: NginxProgram): NginxEnvironment {
    return new NginxEnvironment({ folder: this.folder, program, backends: this.backends, goodbyeMs: undefined });
  }

  async switchTo(slots: Readonly<Record<string, Slot>>, canaryPercents?: Readonly<Record<string, number>>) {
    const { router } = this.nginx;
    const expected = (await router.generation())?.number ?? null;
    return router.switchTo({ release: 'a release', slots, canaryPercents, expected });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.nginx.shutdown();
    await this.backends[Symbol.asyncDispose]();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** A service at `/` and those named under a path of their own. */
export function topologyOf(...names: readonly string[]): Topology {
  return {
    listen: { host: '127.0.0.1', port: 0 },
    services: names.map((name, index) => ({ name, route: { host: null, path: index === 0 ? '/' : `/${name}` } })),
  };
}
