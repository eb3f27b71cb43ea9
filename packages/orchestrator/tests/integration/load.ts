import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

export interface Load {
  /** What was answered so far, by the version that did; what failed is under its reason. */
  readonly answers: ReadonlyMap<string, number>;
  /** What was answered so far, by how it was asked, such as `POST / on a new connection`. */
  readonly asked: ReadonlyMap<string, number>;
  readonly failed: readonly string[];
  /** Ends after the answers to what was sent. */
  stop(): Promise<void>;
}

interface Client {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  /** Whether it sends its next request on the same connection. */
  readonly keepsAlive: boolean;
}

/** Keep-alive clients that send POSTs with small pauses and nothing twice. */
export function startLoad(url: string, { clients = 8, pauseMs = 20 } = {}): Load {
  return startClients(
    Array.from({ length: clients }, () => ({ url, method: 'POST', keepsAlive: true })),
    pauseMs,
  );
}

/** For each address a client of each kind: GET and POST, on a connection that is kept and on new ones; nothing is sent twice. */
export function startMixedLoad(urls: readonly string[], { pauseMs = 40 } = {}): Load {
  const kinds = [
    { method: 'GET', keepsAlive: true },
    { method: 'POST', keepsAlive: true },
    { method: 'GET', keepsAlive: false },
    { method: 'POST', keepsAlive: false },
  ] as const;
  return startClients(
    urls.flatMap((url) => kinds.map((kind) => ({ url, ...kind }))),
    pauseMs,
  );
}

function startClients(clients: readonly Client[], pauseMs: number): Load {
  const answers = new Map<string, number>();
  const asked = new Map<string, number>();
  const failed: string[] = [];
  let stopping = false;
  const run = async (client: Client) => {
    const agent = client.keepsAlive ? new Agent({ keepAlive: true, maxSockets: 1 }) : false;
    const how = `${client.method} ${new URL(client.url).pathname} on ${agent === false ? 'a new' : 'the same'} connection`;
    while (!stopping) {
      try {
        const version = await send(client, agent);
        answers.set(version, (answers.get(version) ?? 0) + 1);
        asked.set(how, (asked.get(how) ?? 0) + 1);
      } catch (error) {
        failed.push(`${new Date().toISOString()} ${how}: ${String(error)}`);
      }
      await pause(pauseMs);
    }
    if (agent !== false) agent.destroy();
  };
  const all = Promise.all(clients.map(run));
  return {
    answers,
    asked,
    failed,
    stop: async () => {
      stopping = true;
      await all;
    },
  };
}

function send({ url, method }: Client, agent: Agent | false): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, agent, timeout: 20_000 }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (body += chunk));
      response.once('error', reject);
      response.once('end', () => {
        if (response.statusCode === 200) resolve((JSON.parse(body) as { readonly version: string }).version);
        else reject(new Error(`answered ${response.statusCode ?? 0}`));
      });
    });
    sent.once('timeout', () => sent.destroy(new Error('no answer')));
    sent.once('error', reject);
    sent.end(method === 'POST' ? 'x' : undefined);
  });
}
