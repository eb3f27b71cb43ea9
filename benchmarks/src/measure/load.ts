import { Agent, get } from 'node:http';

export interface Load {
  readonly requests: number;
  readonly failed: number;
  readonly seconds: number;
}

export interface LoadOptions {
  readonly connections: number;
  /** Ends the load; requests on their way are waited for. */
  readonly until: AbortSignal;
}

const requestDeadlineMs = 10_000;

/** Sends GETs over `connections` keep-alive connections, one after the other on each; never sends one again. */
export async function sendLoad(url: string, { connections, until }: LoadOptions): Promise<Load> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const start = performance.now();
  const counts = { requests: 0, failed: 0 };
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (!until.aborted) {
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
    const failed = () => {
      resolve(false);
    };
    const request = get(url, { agent, timeout: requestDeadlineMs }, (response) => {
      response.resume();
      response.on('end', () => {
        resolve(response.statusCode === 200);
      });
      // An answer that breaks off has no end.
      response.on('error', failed);
    });
    request.on('error', failed);
    request.on('timeout', () => request.destroy());
  });
}
