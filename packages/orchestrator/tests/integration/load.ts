import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

export interface Load {
  /** What was answered so far, by the version that did; what failed is under its reason. */
  readonly answers: ReadonlyMap<string, number>;
  readonly failed: readonly string[];
  /** Ends after the answers to what was sent. */
  stop(): Promise<void>;
}

/** Keep-alive clients that send POSTs with small pauses and nothing twice. */
export function startLoad(url: string, { clients = 8, pauseMs = 20 } = {}): Load {
  const answers = new Map<string, number>();
  const failed: string[] = [];
  let stopping = false;
  const run = async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (!stopping) {
      try {
        const version = await send(url, agent);
        answers.set(version, (answers.get(version) ?? 0) + 1);
      } catch (error) {
        failed.push(String(error));
      }
      await pause(pauseMs);
    }
    agent.destroy();
  };
  const all = Promise.all(Array.from({ length: clients }, run));
  return {
    answers,
    failed,
    stop: async () => {
      stopping = true;
      await all;
    },
  };
}

function send(url: string, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, timeout: 20_000 }, (response) => {
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
    sent.end('x');
  });
}
