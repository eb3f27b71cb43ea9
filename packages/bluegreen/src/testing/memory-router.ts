import { type Clock, isoTime, systemClock } from '@maestro/core';

import { generationMoved, unknownService, unreadableNames } from '../errors.ts';
import { pickSlot } from '../plan/canary.ts';
import { type Generation, marksOf, routingOf } from '../plan/generation.ts';
import { matchRoute } from '../plan/routes.ts';
import type {
  InFlight,
  PreviewTarget,
  Router,
  RouterAddresses,
  Switched,
  SwitchRequest,
  Topology,
} from '../ports/router.ts';
import type { InstanceKey } from '../ports/runtime.ts';
import { slotName } from '../slots.ts';

const previewHeader = 'x-memory-preview';
const publicPort = 40_000;

/** A router that sends nothing anywhere, but knows where each request would go. */
export class MemoryRouter implements Router {
  readonly #clock: Clock;
  readonly #ports = new Map<string, number>();
  readonly #open = new Map<string, number>();
  #topology: Topology | null = null;
  #generation: Generation | null = null;
  #last = 0;
  #visitors = 0;

  constructor({ clock = systemClock }: { readonly clock?: Clock | undefined } = {}) {
    this.#clock = clock;
  }

  /** The generation that is live, for callers that cannot wait. */
  get live(): Generation | null {
    return this.#generation;
  }

  apply(topology: Topology): Promise<RouterAddresses> {
    this.#topology = topology;
    for (const { name } of topology.services) {
      if (!this.#ports.has(name)) this.#ports.set(name, publicPort + 1 + this.#ports.size);
    }
    return Promise.resolve(this.#addressesOf(topology));
  }

  reloadsFor(): Promise<boolean> {
    return Promise.resolve(false);
  }

  addresses(): Promise<RouterAddresses | null> {
    return Promise.resolve(this.#topology === null ? null : this.#addressesOf(this.#topology));
  }

  generation(): Promise<Generation | null> {
    return Promise.resolve(this.#generation);
  }

  async switchTo({ release, slots, canaryPercents, expected, fence }: SwitchRequest): Promise<Switched> {
    const { routing, problems } = routingOf(marksOf({ slots, canaryPercents }));
    if (problems.length > 0) throw unreadableNames(problems);
    this.#last += 1;
    // Others come between here and the check, as they may when generations are files.
    await Promise.resolve();
    fence?.();
    const live = this.#generation?.number ?? null;
    if (live !== expected) throw generationMoved({ expected, live });
    this.#generation = { number: this.#last, release, at: isoTime(this.#clock), ...routing };
    return { generation: this.#generation, switchMs: 0 };
  }

  inFlight(key: InstanceKey): Promise<InFlight> {
    return Promise.resolve({ requests: this.#open.get(slotName(key)) ?? 0, connections: 0 });
  }

  async preview({ service, slot, path }: InstanceKey & { readonly path: string }): Promise<PreviewTarget> {
    const address = (await this.addresses())?.services[service];
    if (address === undefined) throw unknownService(service);
    return { url: new URL(path, address).href, headers: { [previewHeader]: slot } };
  }

  /** Where a request would go; null for one that no live service gets. */
  destination(url: string, headers: Readonly<Record<string, string>> = {}): InstanceKey | null {
    const { port, pathname } = new URL(url);
    const service = this.#serviceAt(Number(port), headers.host, pathname);
    if (service === undefined) return null;
    const preview = headers[previewHeader];
    if (preview === 'blue' || preview === 'green') return { service, slot: preview };
    this.#visitors += 1;
    const request = { headers, clientAddress: '127.0.0.1', newVisitor: `visitor ${this.#visitors}` };
    const rule = this.#topology?.services.find(({ name }) => name === service)?.canary;
    const picked = pickSlot(this.#generation, service, rule, request);
    return picked === undefined ? null : { service, slot: picked.slot };
  }

  /** Begins a request that is in flight until the function returned is called. */
  begin(url: string, headers?: Readonly<Record<string, string>>): () => void {
    const key = this.destination(url, headers);
    if (key === null) throw new Error(`nothing answers ${url}`);
    const count = (change: number) => this.#open.set(slotName(key), (this.#open.get(slotName(key)) ?? 0) + change);
    count(1);
    return () => {
      count(-1);
    };
  }

  #serviceAt(port: number, host: string | undefined, url: string): string | undefined {
    const named = [...this.#ports].find(([, other]) => other === port)?.[0];
    return named ?? matchRoute(this.#topology?.services ?? [], { host, url });
  }

  #addressesOf({ listen, services }: Topology): RouterAddresses {
    const urlOf = (port: number) => `http://127.0.0.1:${port}`;
    return {
      url: urlOf(listen.port === 0 ? publicPort : listen.port),
      services: Object.fromEntries(services.map(({ name }) => [name, urlOf(this.#ports.get(name) ?? 0)])),
    };
  }
}
