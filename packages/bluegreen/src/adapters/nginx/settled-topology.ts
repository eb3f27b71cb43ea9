import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import { type Logger, messageOf, writeFileDurably } from '@maestro/core';
import { z } from 'zod';

import type { RoutedService, RouterAddresses, Topology } from '../../ports/router.ts';
import type { InstanceKey } from '../../ports/runtime.ts';
import type { PlaceInSlot } from '../../ports/slot-addresses.ts';
import type { Slot } from '../../slots.ts';
import { findPort } from '../embedded/daemon/ports.ts';
import type { NginxLayout } from './nginx-layout.ts';

const defaultPort = 8080;
const prefix = '# Settled: ';

const portSchema = z.int().min(1).max(65_535);

const shapeSchema = z.object({ port: portSchema, replicas: z.int().positive() });

/** What was handed out once and is kept, as it is on disk. */
const settledSchema = z.object({
  /** Where outsiders reach it; `tlsPort` is null without TLS. */
  listen: z.object({ host: z.string(), port: portSchema, tlsPort: portSchema.nullable() }),
  /** The services that are routed. */
  routed: z.array(z.string()),
  /** Of each service, also of one that is not routed any more, because its last requests may still be counted. */
  services: z.record(
    z.string(),
    z.object({
      /** Where other services reach it. */
      listenPort: portSchema,
      /** Where its replicas listen themselves. */
      slots: z.object({ blue: shapeSchema, green: shapeSchema }),
    }),
  ),
  /** Where nginx says which configuration it serves. */
  statusPort: portSchema,
  previewKey: z.string().regex(/^[0-9a-f]{48}$/),
});
export type Settled = z.infer<typeof settledSchema>;

const storedSchema = settledSchema.extend({
  /** Of the configuration that it was rendered to. */
  id: z.string(),
});
export type StoredTopology = z.infer<typeof storedSchema>;

/** Reads what was settled before: from its own file, or where that is lost from the configuration that was made of it. */
export async function readSettled(layout: NginxLayout, logger: Logger): Promise<StoredTopology | null> {
  const sources = [
    { file: layout.settled, find: (text: string) => text },
    {
      file: layout.config,
      find: (text: string) =>
        text
          .split('\n')
          .find((line) => line.startsWith(prefix))
          ?.slice(prefix.length),
    },
  ];
  for (const { file, find } of sources) {
    try {
      return storedSchema.parse(JSON.parse(find(await readFile(file, 'utf8')) ?? ''));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue;
      logger.warn('the settled ports cannot be read', { file, error: messageOf(error) });
    }
  }
  return null;
}

/** A comment for a configuration, from which its ports can be read again. */
export function settledComment(stored: StoredTopology): string {
  return `${prefix}${JSON.stringify(stored)}`;
}

export async function writeSettled(file: string, stored: StoredTopology): Promise<void> {
  await writeFileDurably(file, textOf(stored));
}

/** Whether that is what the file holds. */
export async function isSettled(file: string, stored: StoredTopology): Promise<boolean> {
  return (await readFile(file, 'utf8').catch(() => '')) === textOf(stored);
}

function textOf(stored: StoredTopology): string {
  return `${JSON.stringify(stored, undefined, 2)}\n`;
}

/** Gives a port to everything in a topology that has none yet; what has one keeps it. */
export async function settle(options: {
  readonly before: Settled | null;
  readonly topology: Topology;
  readonly servicesHost: string;
  /** What tells this environment's ports from those of others. */
  readonly scope: string;
}): Promise<Settled> {
  const { before, topology, servicesHost, scope } = options;
  const { listen, tls } = topology;
  const kept = [before?.listen.port, before?.statusPort, ...Object.values(before?.services ?? {}).map(listenPortOf)];
  const taken = new Set([listen.port, tls?.port ?? 0, ...kept.filter((port) => port !== undefined)]);
  const give = async (purpose: string, host: string) => {
    const port = await findPort({ purpose: `${scope} ${purpose}`, host, taken });
    taken.add(port);
    return port;
  };
  const services = { ...before?.services };
  for (const service of topology.services) {
    const { name } = service;
    services[name] = {
      listenPort: services[name]?.listenPort ?? (await give(name, servicesHost)),
      slots: { blue: shapeOf(service, 'blue'), green: shapeOf(service, 'green') },
    };
  }
  // Any free port means the one it has been given before.
  const keptPort = before?.listen.host === listen.host ? before.listen.port : undefined;
  const port = listen.port === 0 ? (keptPort ?? (await give('public', listen.host))) : listen.port;
  return {
    listen: { host: listen.host, port, tlsPort: tls?.port ?? null },
    routed: topology.services.map(({ name }) => name),
    services,
    statusPort: before?.statusPort ?? (await give('status', '127.0.0.1')),
    // In hexadecimal, because nginx compares without regard to case.
    previewKey: before?.previewKey ?? randomBytes(24).toString('hex'),
  };
}

export function addressesOf({ listen, routed, services }: Settled, servicesHost: string): RouterAddresses {
  const { host, port, tlsPort } = listen;
  const urls = routed.flatMap((name) => {
    const settled = services[name];
    return settled === undefined ? [] : [[name, `http://${bracketed(servicesHost)}:${settled.listenPort}`] as const];
  });
  return {
    url: tlsPort === null ? `http://${bracketed(host)}:${port}` : `https://${bracketed(host)}:${tlsPort}`,
    services: Object.fromEntries(urls),
  };
}

/** Every port of the proxy, with its host. */
export function listenersOf(settled: Settled, servicesHost: string): readonly { host: string; port: number }[] {
  const { listen, routed, services, statusPort } = settled;
  return [
    { host: listen.host, port: listen.port },
    ...(listen.tlsPort === null ? [] : [{ host: listen.host, port: listen.tlsPort }]),
    { host: '127.0.0.1', port: statusPort },
    ...routed.flatMap((name) => {
      const service = services[name];
      return service === undefined ? [] : [{ host: servicesHost, port: service.listenPort }];
    }),
  ];
}

/** The replicas of a slot; none of a service that was never routed. */
export function placesOf({ services }: Settled, { service, slot }: InstanceKey): readonly PlaceInSlot[] {
  const settled = Object.hasOwn(services, service) ? services[service] : undefined;
  const { port, replicas } = settled?.slots[slot] ?? { port: 0, replicas: 0 };
  return Array.from({ length: replicas }, (_, replica) => ({ service, slot, replica, port }));
}

function shapeOf({ port = defaultPort, replicas = 1, slots }: RoutedService, slot: Slot) {
  return { port: slots?.[slot]?.port ?? port, replicas: slots?.[slot]?.replicas ?? replicas };
}

function listenPortOf({ listenPort }: { readonly listenPort: number }): number {
  return listenPort;
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
