/** How a client reaches the service. */
type Transport = 'HTTP/1.1' | 'HTTP/1.1 over TLS' | 'HTTP/2';

/** What a client asks for, again and again. */
export type Errand = 'GET' | 'POST' | 'slow upload' | 'event stream';

/** Clients of one kind. Each has a connection of its own, or shares it with the others of its kind. */
export interface ClientsPlan {
  readonly transport: Transport;
  readonly errand: Errand;
  readonly count: number;
  /** Over HTTP/2: how many of them share a connection; 1 by default. */
  readonly perConnection?: number | undefined;
  /** From one request to the next, as long as answers come in time; or silence of any length up to `idleUpToMs`. */
  readonly pace: { readonly everyMs: number } | { readonly idleUpToMs: number };
}

export interface LoadTarget {
  readonly host: string;
  readonly port: number;
  /** Null where only HTTP/1.1 without TLS is used. */
  readonly tlsPort: number | null;
  /** Of the Host header; the address by default. */
  readonly name?: string | undefined;
}

/** Everything that a process of load is told. */
export interface LoadPlan {
  readonly targets: readonly LoadTarget[];
  /** Of each target. */
  readonly clients: readonly ClientsPlan[];
}

const transports: readonly Transport[] = ['HTTP/1.1', 'HTTP/1.1 over TLS', 'HTTP/2'];

/** Some 2,000 requests a second, of every kind that a switch could do harm to. */
export const everyKind: readonly ClientsPlan[] = transports.flatMap((transport): ClientsPlan[] => {
  const perConnection = transport === 'HTTP/2' ? 5 : 1;
  const steady = { transport, perConnection, count: 10, pace: { everyMs: 30 } } as const;
  return [
    { ...steady, errand: 'GET' },
    { ...steady, errand: 'POST' },
    { transport, errand: 'POST', count: 12, pace: { idleUpToMs: 10_000 } },
    { transport, errand: 'slow upload', count: 3, pace: { everyMs: 500 } },
    { transport, errand: 'event stream', count: 3, pace: { everyMs: 500 } },
  ];
});
