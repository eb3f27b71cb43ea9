import { connect } from 'node:http2';
import { Agent, request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

/** What clients of a load saw. No client sends anything twice. */
export interface LoadOutcome {
  readonly answered: number;
  readonly failures: readonly string[];
}

/** Sends POST requests on kept connections, one after the other on each, until `work` has ended. */
export async function underLoad(
  options: { readonly url: string; readonly clients: number; readonly idleMs?: (client: number) => number },
  work: () => Promise<void>,
): Promise<LoadOutcome> {
  const stop = new AbortController();
  const outcomes = Array.from({ length: options.clients }, (_, index) =>
    clientOf(options.url, options.idleMs?.(index) ?? 0, stop.signal),
  );
  try {
    // Every connection is there and used before anything happens to it.
    await delay(300);
    await work();
    await delay(300);
  } finally {
    stop.abort();
  }
  const all = await Promise.all(outcomes);
  return { answered: sum(all.map(({ answered }) => answered)), failures: all.flatMap(({ failures }) => failures) };
}

async function clientOf(url: string, idleMs: number, stop: AbortSignal): Promise<LoadOutcome> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const failures: string[] = [];
  let answered = 0;
  while (!stop.aborted) {
    try {
      const { status, body } = await post(url, agent);
      if (status === 200 && /^(blue|green)$/.test(body)) answered += 1;
      else failures.push(`${status} ${body.slice(0, 80)}`);
    } catch (error) {
      failures.push((error as NodeJS.ErrnoException).code ?? String(error));
    }
    if (idleMs > 0) await delay(idleMs);
  }
  agent.destroy();
  return { answered, failures };
}

function post(url: string, agent: Agent): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method: 'POST', agent }, (response) => {
      text(response).then((body) => {
        resolve({ status: response.statusCode ?? 0, body });
      }, reject);
    });
    request.once('error', reject);
    request.end('a body');
  });
}

/** The same over HTTP/2, some requests at a time on each connection; those that the server says it has not begun are sent anew. */
export async function underHttp2Load(
  options: { readonly url: string; readonly clients: number; readonly atOnce: number },
  work: () => Promise<void>,
): Promise<LoadOutcome & { readonly notBegun: number }> {
  const stop = new AbortController();
  const outcomes = Array.from({ length: options.clients }, () =>
    http2ClientOf(options.url, options.atOnce, stop.signal),
  );
  try {
    await delay(300);
    await work();
    await delay(300);
  } finally {
    stop.abort();
  }
  const all = await Promise.all(outcomes);
  return {
    answered: sum(all.map(({ answered }) => answered)),
    failures: all.flatMap(({ failures }) => failures),
    notBegun: sum(all.map(({ notBegun }) => notBegun)),
  };
}

async function http2ClientOf(url: string, atOnce: number, stop: AbortSignal) {
  const failures: string[] = [];
  let answered = 0;
  let notBegun = 0;
  const open = () => {
    const session = connect(url, { rejectUnauthorized: false });
    let lastStream = Infinity;
    session.on('error', () => undefined);
    session.on('goaway', (_, last) => {
      lastStream = Number(last);
    });
    return { session, wasBegun: (stream: number) => stream <= lastStream };
  };
  let current = open();
  const lane = async () => {
    while (!stop.aborted) {
      if (current.session.closed || current.session.destroyed) current = open();
      const { session, wasBegun } = current;
      const stream = session.request({ ':method': 'POST', ':path': '/' });
      try {
        let status = 0;
        stream.once('response', (headers) => {
          status = Number(headers[':status']);
        });
        stream.end('a body');
        const body = await text(stream);
        if (status === 200 && /^(blue|green)$/.test(body)) answered += 1;
        else failures.push(`${status} ${body.slice(0, 80)}`);
      } catch (error) {
        if (stream.rstCode === 7 || stream.id === undefined || !wasBegun(stream.id)) notBegun += 1;
        else failures.push((error as NodeJS.ErrnoException).code ?? String(error));
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  current.session.close();
  return { answered, failures, notBegun };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
