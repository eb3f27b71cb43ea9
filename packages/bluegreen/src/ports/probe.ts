/** One request of a health check. */
export interface ProbeRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** What came of it; only an answer from 200 to 299 is healthy. */
export type ProbeResult =
  | { readonly healthy: true }
  | {
      readonly healthy: false;
      readonly reason: 'refused' | 'timeout' | 'broken' | 'redirect' | 'status';
      /** In words, such as `answered 503: database is locked`. */
      readonly detail: string;
    };

/** Sends one request and never throws. */
export type Probe = (request: ProbeRequest) => Promise<ProbeResult>;
