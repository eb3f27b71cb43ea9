import type { Move, RoutedService, Slot, Topology } from '@maestro/bluegreen';
import type { ResolvedEnvironment } from '@maestro/registry';

import type { ServiceDefinition } from './release-definition.ts';

type Proxied = Pick<ResolvedEnvironment, 'proxy'>;

/** A version of a service in one of its slots. */
export interface InSlot {
  readonly service: ServiceDefinition;
  readonly slot: Slot;
}

/**
 * What the router of an environment must know to pass requests to these services; workers and jobs get none. Where another version
 * has other replicas or another port, its slot has them: both are there for a while.
 */
export function topologyOf(
  { proxy }: Proxied,
  services: readonly ServiceDefinition[],
  others: readonly InSlot[] = [],
): Topology {
  const { host, port, tls, maintenancePage } = proxy;
  return {
    listen: { host, port },
    ...(tls === undefined ? {} : { tls }),
    ...(maintenancePage === undefined ? {} : { maintenancePage }),
    services: services
      .filter(({ strategy }) => strategy.kind !== 'worker' && strategy.kind !== 'job')
      .map((service) =>
        routedService(
          service,
          others.find((other) => other.service.name === service.name),
        ),
      ),
  };
}

/** Until the switch: what is live keeps its routes, also what is to go or to move, and new services have theirs. */
export function topologyMeanwhile(
  environment: Proxied,
  live: readonly ServiceDefinition[],
  { services, moves }: { readonly services: readonly ServiceDefinition[]; readonly moves: readonly Move[] },
): Topology {
  const names = new Set(live.map(({ name }) => name));
  const added = services.filter(({ name }) => !names.has(name));
  return topologyOf(environment, [...live, ...added], comingBy(moves, services));
}

function comingBy(moves: readonly Move[], services: readonly ServiceDefinition[]): readonly InSlot[] {
  return services.flatMap((service): InSlot[] => {
    const move = moves.find((one) => one.service === service.name);
    return move?.kind === 'start' || move?.kind === 'reuse' ? [{ service, slot: move.slot }] : [];
  });
}

function routedService(service: ServiceDefinition, other: InSlot | undefined): RoutedService {
  const { name, route, container, canary, passing } = service;
  return {
    name,
    route,
    ...(container === null ? {} : { replicas: container.replicas, port: container.port }),
    ...slotsOf(service, other),
    ...(canary === null ? {} : { canary }),
    ...(passing === null ? {} : { proxy: passing }),
  };
}

function slotsOf({ container }: ServiceDefinition, other: InSlot | undefined): Pick<RoutedService, 'slots'> {
  const theirs = other?.service.container ?? null;
  if (other === undefined || theirs === null || container === null) return {};
  const { replicas, port } = theirs;
  return replicas === container.replicas && port === container.port
    ? {}
    : { slots: { [other.slot]: { replicas, port } } };
}
