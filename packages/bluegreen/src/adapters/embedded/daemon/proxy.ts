import { randomUUID, timingSafeEqual } from 'node:crypto';
import { Agent, type IncomingMessage, type ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import { type Logger, messageOf } from '@maestro/core';
import { createProxyServer } from 'httpxy';

import { type Picked, pickSlot, visitorCookie } from '../../../plan/canary.ts';
import type { InstanceAddress, InstanceKey } from '../../../ports/runtime.ts';
import type { CanaryRule, InFlight } from '../../../ports/router.ts';
import { type Slot, slotName } from '../../../slots.ts';
import { previewHeader } from '../preview-header.ts';
import type { LiveGeneration } from './live-generation.ts';

// An idle connection is given up well before the service closes it: one that is closed while a request is being written
// to it would fail that request. Of common servers gunicorn's is the quickest to close one, after 2 s.
const idleConnectionMs = 1_000;

export interface ProxyOptions {
  readonly live: LiveGeneration;
  readonly addressOf: (key: InstanceKey) => InstanceAddress | undefined;
  readonly canaryRuleOf: (service: string) => CanaryRule | undefined;
  readonly previewKey: string;
  readonly logger: Logger;
}

interface Traffic {
  requests: number;
  connections: number;
  readonly agent: Agent;
}

interface Target extends InstanceKey {
  readonly address: InstanceAddress;
  /** To be set as the visitor's cookie. */
  readonly visitor: string | null;
}

interface Refusal {
  readonly status: number;
  readonly refusal: string;
}

const notWebSocket: Refusal = { status: 501, refusal: 'only WebSocket upgrades are passed on' };

/** Sends each request to the slot that is live when it arrives, and counts what is on its way. */
export class Proxy {
  readonly #options: ProxyOptions;
  readonly #traffic = new Map<string, Traffic>();
  readonly #proxy = createProxyServer({ xfwd: true });

  constructor(options: ProxyOptions) {
    this.#options = options;
    this.#proxy.on('proxyRes', (response, _, answer) => {
      const visitor = answer.getHeader('set-cookie');
      if (visitor !== undefined) {
        response.headers['set-cookie'] = [...(response.headers['set-cookie'] ?? []), String(visitor)];
      }
      // These speak of the connection to the service (RFC 9110, 7.6.1); the client's connection has its own.
      delete response.headers.connection;
      // Node's agent still has to read when the service will close the connection; only what can be listed is passed on.
      Object.defineProperty(response.headers, 'keep-alive', { enumerable: false });
    });
  }

  /** Answers a request for a service; undefined stands for one that no route covers. */
  handle(request: IncomingMessage, response: ServerResponse, service: string | undefined): void {
    const found = this.#find(request, service);
    if ('refusal' in found) {
      refuse(response, found.status, found.refusal);
      return;
    }
    if (found.visitor !== null) response.appendHeader('set-cookie', cookieFor(found.visitor));
    const traffic = this.#trafficOf(found);
    traffic.requests += 1;
    response.once('close', () => {
      traffic.requests -= 1;
    });
    this.#proxy
      .web(request, response, { target: targetOf(found), agent: traffic.agent, headers: { connection: 'keep-alive' } })
      .catch((error: unknown) => {
        this.#failed(found, error);
        if (response.headersSent) response.destroy();
        else refuse(response, 502, `${found.service} did not answer`);
      });
  }

  /** Connects an upgrade, such as a WebSocket, to a service. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, service: string | undefined): void {
    // Node's server no longer listens for errors here: without a listener a client that resets would end the daemon.
    socket.on('error', ignore);
    if (!(socket instanceof Socket)) {
      socket.destroy();
      return;
    }
    const found = isWebSocket(request) ? this.#find(request, service) : notWebSocket;
    if ('refusal' in found) {
      socket.end(`HTTP/1.1 ${found.status} ${found.refusal}\r\nConnection: close\r\n\r\n`);
      return;
    }
    const traffic = this.#trafficOf(found);
    traffic.connections += 1;
    socket.once('close', () => {
      traffic.connections -= 1;
    });
    this.#proxy.ws(request, socket, { target: targetOf(found) }, head).catch((error: unknown) => {
      this.#failed(found, error);
      socket.destroy();
    });
  }

  inFlight(key: InstanceKey): InFlight {
    const { requests, connections } = this.#traffic.get(slotName(key)) ?? { requests: 0, connections: 0 };
    return { requests, connections };
  }

  /** Closes the idle connections to a slot that is going away, so that none is reused for its successor. */
  forget(key: InstanceKey): void {
    const idle = Object.values(this.#traffic.get(slotName(key))?.agent.freeSockets ?? {});
    for (const socket of idle.flatMap((sockets) => sockets ?? [])) socket.destroy();
  }

  #find(request: IncomingMessage, service: string | undefined): Target | Refusal {
    if (service === undefined) return { status: 404, refusal: 'no service has a route for this request' };
    const picked = this.#pick(request, service);
    if (picked === undefined) return { status: 503, refusal: `${service} is not deployed` };
    const { slot, visitor } = picked;
    const address = this.#options.addressOf({ service, slot });
    if (address === undefined) return { status: 503, refusal: `${service} does not run` };
    return { service, slot, address, visitor };
  }

  #pick(request: IncomingMessage, service: string): Picked | undefined {
    const preview = this.#previewSlot(request);
    if (preview !== undefined) return { slot: preview, visitor: null };
    const { live, canaryRuleOf } = this.#options;
    const { headers, socket } = request;
    const facts = { headers, clientAddress: socket.remoteAddress ?? '', newVisitor: randomUUID() };
    return pickSlot(live.current(), service, canaryRuleOf(service), facts);
  }

  #previewSlot(request: IncomingMessage): Slot | undefined {
    if (request.headers[previewHeader] === undefined) return undefined;
    const { [previewHeader]: header, ...passedOn } = request.headers;
    request.headers = passedOn;
    if (typeof header !== 'string') return undefined;
    const [key = '', slot] = header.split(' ');
    const expected = Buffer.from(this.#options.previewKey);
    const given = Buffer.from(key);
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
    return slot === 'blue' || slot === 'green' ? slot : undefined;
  }

  #trafficOf(key: InstanceKey): Traffic {
    const name = slotName(key);
    let traffic = this.#traffic.get(name);
    if (traffic === undefined) {
      const agent = new Agent({ keepAlive: true, maxFreeSockets: 256, timeout: idleConnectionMs });
      traffic = { requests: 0, connections: 0, agent };
      this.#traffic.set(name, traffic);
    }
    return traffic;
  }

  #failed(target: Target, error: unknown): void {
    this.#options.logger.warn('a request to an instance failed', {
      instance: slotName(target),
      error: messageOf(error),
    });
  }
}

export function isWebSocket(request: IncomingMessage): boolean {
  return request.headers.upgrade?.toLowerCase() === 'websocket';
}

function cookieFor(visitor: string): string {
  return `${visitorCookie}=${visitor}; Path=/; HttpOnly; SameSite=Lax`;
}

function targetOf({ address }: Target) {
  return { host: address.host, port: address.port };
}

function refuse(response: ServerResponse, status: number, reason: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(`${reason}\n`);
}

function ignore(): void {
  return undefined;
}
