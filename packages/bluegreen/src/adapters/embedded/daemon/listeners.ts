import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';

import { type Logger, messageOf, writeFileDurably } from '@maestro/core';
import { z } from 'zod';

import { BlueGreenError } from '../../../errors.ts';
import { matchRoute, type RequestLine } from '../../../plan/routes.ts';
import type { CanaryRule, RouterAddresses, Topology } from '../../../ports/router.ts';
import { topologySchema } from '../control-protocol.ts';
import { findPort } from './ports.ts';
import { isWebSocket, type Proxy } from './proxy.ts';

/** A topology with every port settled, as it is kept on disk for the next daemon. */
const settledSchema = topologySchema.extend({
  previewKey: z.string(),
  /** The loopback port of each service, for other services; handed out once and kept, also while it is not deployed. */
  servicePorts: z.record(z.string(), z.int()),
});
export type SettledTopology = z.infer<typeof settledSchema>;

export interface ListenersOptions {
  readonly file: string;
  readonly proxy: () => Proxy;
  /** Whether a service receives traffic at the moment of asking. */
  readonly isLive: (service: string) => boolean;
  /** Ports of instances. */
  readonly instancePorts: () => Iterable<number>;
  readonly logger: Logger;
}

// Longer than browsers and load balancers keep an idle connection, so that it is they who close it.
const clientIdleMs = 75_000;

/** The proxy's listening sockets: one for outsiders, one for each service. */
export class Listeners {
  readonly #options: ListenersOptions;
  readonly #servers = new Map<string, Server>();
  #settled: SettledTopology;

  private constructor(options: ListenersOptions, settled: SettledTopology) {
    this.#options = options;
    this.#settled = settled;
  }

  /** Reads what an earlier daemon left, without listening yet. */
  static async load(options: ListenersOptions): Promise<Listeners> {
    return new Listeners(options, await readSettled(options));
  }

  get previewKey(): string {
    return this.#settled.previewKey;
  }

  /** Null while nothing was ever applied. */
  addresses(): RouterAddresses | null {
    if (this.#servers.size === 0) return null;
    const { listen, services, servicePorts } = this.#settled;
    return {
      url: `http://${listen.host.includes(':') ? `[${listen.host}]` : listen.host}:${listen.port}`,
      services: Object.fromEntries(services.map(({ name }) => [name, `http://127.0.0.1:${servicePorts[name] ?? 0}`])),
    };
  }

  canaryRuleOf(service: string): CanaryRule | undefined {
    return this.#settled.services.find(({ name }) => name === service)?.canary;
  }

  ports(): readonly number[] {
    return [this.#settled.listen.port, ...Object.values(this.#settled.servicePorts)];
  }

  /** Listens again where an earlier daemon listened. */
  async resume(): Promise<void> {
    if (this.#settled.listen.port !== 0) await this.apply(this.#settled);
  }

  /** Opens what is missing, closes what is no longer named; connections on what stays are not touched. */
  async apply(topology: Topology): Promise<void> {
    const next = await this.#settle(topology);
    const wanted = new Map<string, { readonly host: string; readonly port: number; readonly service?: string }>();
    wanted.set(`public ${next.listen.host} ${next.listen.port}`, next.listen);
    for (const { name } of next.services) {
      const port = next.servicePorts[name] ?? 0;
      wanted.set(`${name} ${port}`, { host: '127.0.0.1', port, service: name });
    }

    const opened: string[] = [];
    try {
      for (const [id, { host, port, service }] of wanted) {
        if (this.#servers.has(id)) continue;
        this.#servers.set(id, await this.#listen(host, port, service));
        opened.push(id);
      }
    } catch (error) {
      for (const id of opened) this.#close(id);
      throw error;
    }
    await writeFileDurably(this.#options.file, `${JSON.stringify(next, undefined, 2)}\n`);
    this.#settled = next;
    for (const id of [...this.#servers.keys()]) if (!wanted.has(id)) this.#close(id);
  }

  close(): void {
    for (const id of [...this.#servers.keys()]) this.#close(id);
  }

  async #settle({ listen, services }: Topology): Promise<SettledTopology> {
    const before = this.#settled;
    const servicePorts = { ...before.servicePorts };
    const taken = new Set([listen.port, ...this.#options.instancePorts(), ...this.ports()]);
    for (const { name } of services) {
      if (servicePorts[name] !== undefined) continue;
      const port = await findPort({ purpose: `${this.#options.file} ${name}`, taken });
      servicePorts[name] = port;
      taken.add(port);
    }
    // Any free port means the one it has been given before.
    const kept = listen.port === 0 && before.listen.host === listen.host ? before.listen.port : listen.port;
    const port = kept === 0 ? await findPort({ purpose: `${this.#options.file} public`, taken }) : kept;
    return {
      listen: { host: listen.host, port },
      services: [...services],
      servicePorts,
      previewKey: before.previewKey,
    };
  }

  async #listen(host: string, port: number, service: string | undefined): Promise<Server> {
    const { logger } = this.#options;
    const proxy = this.#options.proxy();
    const serviceOf = (request: { headers: { host?: string | undefined }; url?: string | undefined }) =>
      service ?? this.#route({ host: request.headers.host, url: request.url });
    const options = {
      // Uploads may take as long as they take; only the headers must arrive in time.
      requestTimeout: 0,
      keepAliveTimeout: clientIdleMs,
      noDelay: true,
      // Other upgrades are offers that a server may ignore (RFC 9110, 7.8), such as the one to HTTP/2 that Java's client
      // makes. Node before 24.9 does not ask, and the proxy has to refuse them.
      shouldUpgradeCallback: isWebSocket,
    };
    const server = createServer(options);
    server.on('request', (request, response) => {
      proxy.handle(request, response, serviceOf(request));
    });
    server.on('upgrade', (request, socket, head) => {
      proxy.upgrade(request, socket, head, serviceOf(request));
    });
    server.on('clientError', (error, socket) => {
      logger.debug('a client broke the protocol', { error: messageOf(error) });
      if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    });
    server.listen(port, host);
    try {
      await once(server, 'listening');
    } catch (error) {
      throw new BlueGreenError(
        'BLUEGREEN_PORT_IN_USE',
        `the proxy cannot listen on ${host}:${port}: ${messageOf(error)}`,
        {
          hint: 'end what uses the port, or set environments.<name>.proxy.port to another one',
          cause: error,
        },
      );
    }
    return server;
  }

  /** The routes of services that are live come first: a service takes its traffic, and gives it back, at a switch. */
  #route(request: RequestLine): string | undefined {
    const { services } = this.#settled;
    const live = services.filter(({ name }) => this.#options.isLive(name));
    return matchRoute(live, request) ?? matchRoute(services, request);
  }

  #close(id: string): void {
    const server = this.#servers.get(id);
    this.#servers.delete(id);
    server?.close();
    server?.closeIdleConnections();
  }
}

async function readSettled({ file, logger }: ListenersOptions): Promise<SettledTopology> {
  try {
    return settledSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      logger.warn('the topology cannot be read and starts anew', { file, error: messageOf(error) });
    }
    return {
      listen: { host: '127.0.0.1', port: 0 },
      services: [],
      servicePorts: {},
      previewKey: randomBytes(24).toString('base64url'),
    };
  }
}
