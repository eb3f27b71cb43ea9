import { Agent, get } from 'node:http';

export interface Load {
  readonly requests: number;
  readonly failed: number;
  readonly seconds: number;
}

/** Sends GETs over `connections` keep-alive connections, one after the other on each, for about `ms`; never retries. */
export async function loadFor(url: string, { connections, ms }: { connections: number; ms: number }): Promise<Load> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const start = performance.now();
  const counts = { requests: 0, failed: 0 };
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (performance.now() - start < ms) {
        counts.requests += 1;
        if (!(await succeeds(url, agent))) counts.failed += 1;
      }
    }),
  );
  agent.destroy();
  return { ...counts, seconds: (performance.now() - start) / 1000 };
}

function succeeds(url: string, agent: Agent): Promise<boolean> {
  return new Promise((resolve) => {
    get(url, { agent }, (response) => {
      response.resume();
      response.on('end', () => {
        resolve(response.statusCode === 200);
      });
    }).on('error', () => {
      resolve(false);
    });
  });
}
