import { setTimeout as delay } from 'node:timers/promises';

import { type Connection, kindOf, type LoadAnswer, type LoadRequest, pieceBytes } from './connection.ts';
import type { LoadCounts } from './load-counts.ts';
import type { ClientsPlan, Errand } from './load-plan.ts';

export interface ClientOptions {
  readonly plan: ClientsPlan;
  readonly connection: Connection;
  readonly counts: LoadCounts;
  readonly stop: AbortSignal;
}

const uploadPieces = 10;
const events = 15;

const requests: Readonly<Record<Errand, LoadRequest>> = {
  GET: { method: 'GET', path: '/', body: null },
  POST: { method: 'POST', path: '/', body: { pieces: 1, pauseMs: 0 } },
  'slow upload': { method: 'POST', path: '/', body: { pieces: uploadPieces, pauseMs: 150 } },
  'event stream': { method: 'GET', path: `/events?count=${events}`, accept: 'text/event-stream', body: null },
};

const expected: Readonly<Record<Errand, RegExp>> = {
  GET: /^(blue|green) got 0 bytes /,
  POST: new RegExp(`^(blue|green) got ${pieceBytes} bytes `),
  'slow upload': new RegExp(`^(blue|green) got ${uploadPieces * pieceBytes} bytes `),
  // All of one stream from one slot, to its end.
  'event stream': new RegExp(`^data: (blue|green) 1\\n\\n(data: \\1 \\d+\\n\\n){${events - 1}}$`),
};

/** Sends one request after the other until it is stopped; what is on its way then is waited for. */
export async function runClient({ plan, connection, counts, stop }: ClientOptions): Promise<void> {
  const { transport, errand, pace } = plan;
  const idles = 'idleUpToMs' in pace;
  const kind = `${idles ? 'idle ' : ''}${errand}, ${transport}`;
  // Not all at once.
  let due = performance.now() + Math.random() * (idles ? 0 : pace.everyMs);
  for (;;) {
    await waitUntil(due, stop);
    if (stop.aborted) return;
    counts.sent(kind);
    try {
      const answer = await connection.send(requests[errand]);
      if (idles && answer.reused) counts.reusedAfterIdle();
      const wrong = wrongness(answer, errand);
      if (wrong !== null) counts.failed(kind, wrong);
    } catch (error) {
      counts.failed(kind, kindOf(error));
    }
    const now = performance.now();
    due = idles ? now + Math.random() * pace.idleUpToMs : Math.max(now, due + pace.everyMs);
  }
}

function wrongness({ status, text }: LoadAnswer, errand: Errand): string | null {
  if (status !== 200) return `status ${status}`;
  return expected[errand].test(text) ? null : 'wrong answer';
}

async function waitUntil(due: number, stop: AbortSignal): Promise<void> {
  const ms = due - performance.now();
  // A client that is late still lets the others have their turn.
  await delay(Math.max(0, ms), undefined, { signal: stop }).catch(() => undefined);
}
