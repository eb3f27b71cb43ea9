import { canaryPercent, type Generation, type Instance, liveSlot, type Slot } from '@maestro/bluegreen';

import { liveServices } from '../release/live-services.ts';
import type { Parts } from '../release/parts.ts';

/** Where requests go, as the proxy and what runs behind it are found. */
export interface ProxyView {
  readonly environment: string;
  /** Where the proxy listens; null while it does not run. */
  readonly url: string | null;
  /** What is live; null before the first switch. */
  readonly generation: { readonly number: number; readonly release: string; readonly at: string } | null;
  /** Of what is live, the routed ones first. */
  readonly services: readonly RoutedServiceView[];
}

export interface RoutedServiceView {
  readonly name: string;
  /** Which requests of outsiders it gets; null for none. */
  readonly route: { readonly host: string | null; readonly path: string } | null;
  /** Where other services reach it, through every switch; null while the proxy does not run. */
  readonly internalUrl: string | null;
  readonly slots: readonly SlotView[];
}

export interface SlotView {
  readonly slot: Slot;
  /** Its share of the requests; 0 for an idle one. */
  readonly percent: number;
  /** Null where nothing is. */
  readonly state: Instance['state'] | null;
  /** `host:port` of each copy, as seen from the proxy. */
  readonly addresses: readonly string[];
}

/** Looks at the proxy: routes are those that the live release has settled, everything else is observed. */
export async function viewProxy(
  parts: Pick<Parts, 'addresses' | 'blueGreen' | 'definitions' | 'environment' | 'logger'>,
  signal?: AbortSignal,
): Promise<ProxyView> {
  const [{ generation, instances }, addresses] = await Promise.all([
    parts.blueGreen().observe({ signal }),
    parts.addresses(),
  ]);
  const definitions = await liveServices(parts, generation);
  const routes = new Map(definitions.map(({ name, route }) => [name, route]));
  const services = Object.keys(generation?.slots ?? {}).map((name): RoutedServiceView => ({
    name,
    route: routes.get(name) ?? null,
    internalUrl: addresses?.services[name] ?? null,
    slots: (['blue', 'green'] as const).map((slot) => slotView(generation, instances, { service: name, slot })),
  }));
  return {
    environment: parts.environment.name,
    url: addresses?.url ?? null,
    generation: generation === null ? null : pick(generation),
    services: services.toSorted(byRoute),
  };
}

function pick({ number, release, at }: Generation) {
  return { number, release, at };
}

function slotView(
  generation: Generation | null,
  instances: readonly Instance[],
  { service, slot }: { readonly service: string; readonly slot: Slot },
): SlotView {
  const instance = instances.find((one) => one.service === service && one.slot === slot);
  const tried = canaryPercent(generation, service) ?? 0;
  return {
    slot,
    percent: liveSlot(generation, service) === slot ? 100 - tried : tried,
    state: instance?.state ?? null,
    addresses: (instance?.addresses ?? []).map(({ host, port }) => `${host}:${port}`),
  };
}

function byRoute(a: RoutedServiceView, b: RoutedServiceView): number {
  return Number(a.route === null) - Number(b.route === null) || (a.name < b.name ? -1 : 1);
}
