import type { InstanceAddress, InstanceKey } from './runtime.ts';

/** Which answers are healthy. */
export interface ExpectedAnswer {
  /** Ranges of statuses, both ends included; 200 to 299 by default. A redirect is never followed. */
  readonly statuses?: readonly (readonly [from: number, to: number])[] | undefined;
  /** What the first 64 KiB of the body must hold; anything by default. `matches` is a regular expression. */
  readonly body?: { readonly contains: string } | { readonly matches: string } | undefined;
}

/** One request of a health check. */
export interface ProbeRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly expected?: ExpectedAnswer | undefined;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** What came of a probe. */
export type ProbeResult =
  | { readonly healthy: true }
  | {
      readonly healthy: false;
      /** `failed`: a command ended with another code than 0. */
      readonly reason: 'refused' | 'timeout' | 'broken' | 'redirect' | 'status' | 'body' | 'tls' | 'failed';
      /** In words, such as `answered 503: database is locked`. */
      readonly detail: string;
      /** Of an HTTP answer. */
      readonly status?: number | undefined;
    };

/** Sends one request and never throws. */
export type Probe = (request: ProbeRequest) => Promise<ProbeResult>;

/** Opens one connection and closes it; never throws. */
export type TcpProbe = (request: {
  readonly address: InstanceAddress;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}) => Promise<ProbeResult>;

/** Runs a command inside each replica of an instance, healthy when all end with 0; never throws. */
export type CommandProbe = (request: {
  readonly key: InstanceKey;
  /** Arguments, the program first. */
  readonly command: readonly string[];
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}) => Promise<ProbeResult>;
