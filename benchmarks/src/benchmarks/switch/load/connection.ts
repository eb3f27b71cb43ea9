import type { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

/** A body in pieces with pauses between them. */
export interface LoadBody {
  readonly pieces: number;
  readonly pauseMs: number;
}

export interface LoadRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly accept?: string;
  readonly body: LoadBody | null;
}

export interface LoadAnswer {
  readonly status: number;
  readonly text: string;
  /** Whether it came over a connection that had been used before. */
  readonly reused: boolean;
}

/** A connection that is kept, and made anew once it is known to be closed; nothing is ever sent a second time. */
export interface Connection {
  /** Rejects with a `RequestFailure`, or what Node fails with. */
  send(request: LoadRequest): Promise<LoadAnswer>;
  close(): void;
}

/** Of no byte for so long a request is said to have failed. */
export const silenceMs = 10_000;

/** A failure by its kind. */
export class RequestFailure extends Error {
  readonly kind: string;

  constructor(kind: string) {
    super(kind);
    this.name = 'RequestFailure';
    this.kind = kind;
  }
}

export const pieceBytes = 1_000;
const piece = Buffer.alloc(pieceBytes, 'x');

/** A body of one piece goes with its length, a longer one without. */
export async function writeBody(to: Writable, body: LoadBody | null): Promise<void> {
  if (body === null) {
    to.end();
    return;
  }
  for (let written = 1; written < body.pieces; written += 1) {
    to.write(piece);
    await delay(body.pauseMs);
    if (to.destroyed) return;
  }
  to.end(piece);
}

/** The kind of a request that the server says it has not begun: HTTP/2 has clients send such a one again, with any method. */
export const turnedAway = 'turned away';

/** The kind of a failure, such as `ECONNRESET` or `timeout`. */
export function kindOf(error: unknown): string {
  if (error instanceof RequestFailure) return error.kind;
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}
