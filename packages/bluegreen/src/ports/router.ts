import type { Generation } from '../plan/generation.ts';
import type { Slot } from '../slots.ts';
import type { InstanceKey } from './runtime.ts';

/** Which requests of outsiders a service gets. */
export interface Route {
  /** The Host it answers to; null for any. */
  readonly host: string | null;
  /** A prefix of whole path segments, such as `/` or `/api`. */
  readonly path: string;
}

export interface RoutedService {
  readonly name: string;
  /** Null for a service that only other services reach. */
  readonly route: Route | null;
}

/** What the router must know besides the generation; applying an equal one changes nothing. */
export interface Topology {
  /** Where outsiders reach it; port 0 takes any free one and keeps it. */
  readonly listen: { readonly host: string; readonly port: number };
  readonly services: readonly RoutedService[];
}

/** Addresses that stay the same through every switch. */
export interface RouterAddresses {
  /** For outsiders. */
  readonly url: string;
  /** For other services, by service name: they lead to whatever is live. */
  readonly services: Readonly<Record<string, string>>;
}

/** What a switch is asked for. */
export interface SwitchRequest {
  readonly release: string;
  readonly slots: Readonly<Record<string, Slot>>;
  /** The generation the switch was planned from; null for none. */
  readonly expected: number | null;
  /** Throws when the caller no longer holds the deployment lock; called right before the rename. */
  readonly fence?: (() => void) | undefined;
}

export interface Switched {
  readonly generation: Generation;
  /** Time from the check of the fence to the end of the rename. */
  readonly switchMs: number;
}

export interface InFlight {
  /** Requests without their complete response. */
  readonly requests: number;
  /** Upgraded connections, such as WebSockets. */
  readonly connections: number;
}

/** A request through the router that reaches a slot whether or not it is live. */
export interface PreviewTarget {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Sends traffic to slots. One contract suite holds for every adapter: `@maestro/bluegreen/testing`. */
export interface Router {
  /** Makes services reachable. Throws `BLUEGREEN_PORT_IN_USE`. */
  apply(topology: Topology, options?: { readonly signal?: AbortSignal | undefined }): Promise<RouterAddresses>;
  /** Null while the router does not run. */
  addresses(): Promise<RouterAddresses | null>;
  /** The generation that is live; null before the first switch. */
  generation(): Promise<Generation | null>;
  /** Moves all traffic at one instant. Throws `BLUEGREEN_GENERATION_MOVED` when another generation than expected is live. */
  switchTo(request: SwitchRequest): Promise<Switched>;
  inFlight(key: InstanceKey): Promise<InFlight>;
  preview(key: InstanceKey & { readonly path: string }): Promise<PreviewTarget>;
}
