import type { Generation, Routing } from '../plan/generation.ts';
import type { Slot } from '../slots.ts';
import type { InstanceKey } from './runtime.ts';

/** Which requests of outsiders a service gets. */
export interface Route {
  /** The Host it answers to; null for any. */
  readonly host: string | null;
  /** A prefix of whole path segments, such as `/` or `/api`. */
  readonly path: string;
}

/** Which requests a canary of a service gets, once it has one. */
export interface CanaryRule {
  /**
   * What requests have in common that all go to the same slot, for as long as the percentage does not fall: the cookie that the
   * router gives to each visitor, the default; the client's address; the value of a header or cookie of the service's own; or
   * nothing, so that each request is drawn by itself.
   */
  readonly stickBy?: 'visitor' | 'client-address' | 'nothing' | RequestField | undefined;
  /** Requests that the canary gets whatever its percentage, such as those of testers. */
  readonly match?: (RequestField & { readonly value: string }) | undefined;
}

/** A header or a cookie, by its name. */
export type RequestField = { readonly header: string } | { readonly cookie: string };

/** How a service's requests are passed on. Not every router knows every setting: what it does not know it refuses. */
export interface ProxySettings {
  /** A request with a longer body gets 413; any length by default. */
  readonly maxBodyBytes?: number | undefined;
  /** How long the service may be silent within an answer; 60,000 by default. */
  readonly answerTimeoutMs?: number | undefined;
  /** The same for WebSockets and event streams; an hour by default. */
  readonly silenceTimeoutMs?: number | undefined;
  /** Every answer is passed on as it comes and counted as long-lived, not only WebSockets and event streams. */
  readonly streaming?: boolean | undefined;
  /** Directives of the router's own language, for what has no setting. */
  readonly snippet?: string | undefined;
}

export interface SlotShape {
  readonly replicas?: number | undefined;
  readonly port?: number | undefined;
}

export interface RoutedService {
  readonly name: string;
  /** Null for a service that only other services reach. */
  readonly route: Route | null;
  /** As in its `InstanceSpec`. */
  readonly replicas?: number | undefined;
  /** As in its `InstanceSpec`. */
  readonly port?: number | undefined;
  /** The same by slot, where a new version differs in it from the one before; what is not named is as above. */
  readonly slots?: Readonly<Partial<Record<Slot, SlotShape>>> | undefined;
  readonly canary?: CanaryRule | undefined;
  readonly proxy?: ProxySettings | undefined;
}

/** A certificate and what it is for. Its files are read when the topology is applied: renewing them is a change. */
export interface Certificate {
  /** Names that it is shown for. The first certificate is shown for all that no other one names. */
  readonly hosts: readonly string[];
  /** PEM, with the chain. */
  readonly certificateFile: string;
  readonly keyFile: string;
}

export interface TlsListener {
  readonly port: number;
  readonly certificates: readonly Certificate[];
  /** Whether HTTP/2 is offered; true by default. */
  readonly http2?: boolean | undefined;
  /** Whether requests without TLS are sent here; true by default. */
  readonly redirect?: boolean | undefined;
}

/** What the router must know besides the generation; applying an equal one changes nothing. */
export interface Topology {
  /** Where outsiders reach it; port 0 takes any free one and keeps it. */
  readonly listen: { readonly host: string; readonly port: number };
  readonly tls?: TlsListener | undefined;
  /** An HTML file for who asks for a service that is not live. */
  readonly maintenancePage?: string | undefined;
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
export interface SwitchRequest extends Routing {
  readonly release: string;
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
  /** Long-lived ones, such as WebSockets. */
  readonly connections: number;
}

/** A request through the router that reaches a slot whether or not it is live. */
export interface PreviewTarget {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Sends traffic to slots. One contract suite holds for every adapter: `@maestro/bluegreen/testing`. */
export interface Router {
  /** Makes services reachable. Throws `BLUEGREEN_PORT_IN_USE`, `BLUEGREEN_TOPOLOGY_REFUSED`. */
  apply(topology: Topology, options?: { readonly signal?: AbortSignal | undefined }): Promise<RouterAddresses>;
  /** Whether applying a topology makes the router load its configuration anew, for the plan to say; it then closes idle connections. */
  reloadsFor(topology: Topology): Promise<boolean>;
  /** Null while the router does not run. */
  addresses(): Promise<RouterAddresses | null>;
  /** The generation that is live; null before the first switch. */
  generation(): Promise<Generation | null>;
  /** Moves all traffic, canaries too, at one instant. Throws `BLUEGREEN_GENERATION_MOVED` when another generation than expected is live. */
  switchTo(request: SwitchRequest): Promise<Switched>;
  inFlight(key: InstanceKey): Promise<InFlight>;
  preview(key: InstanceKey & { readonly path: string }): Promise<PreviewTarget>;
}
