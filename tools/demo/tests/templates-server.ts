import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';

export const revision = 'a'.repeat(40);

export interface TemplatesServerOptions {
  /** Called for each request, counted from 1; true when it has dealt with the request itself. */
  readonly interfere?: (count: number, request: IncomingMessage, response: ServerResponse) => boolean;
  readonly revision?: () => string;
}

export interface TemplatesServer extends AsyncDisposable {
  readonly url: string;
  readonly stored: readonly string[];
  readonly connections: ReadonlySet<Socket>;
  readonly requests: () => number;
}

/** The example's API, as far as the load uses it, in memory. */
export async function startTemplatesServer(options: TemplatesServerOptions = {}): Promise<TemplatesServer> {
  const stored: string[] = [];
  const connections = new Set<Socket>();
  let requests = 0;

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    requests += 1;
    const current = options.revision?.() ?? revision;
    response.setHeader('x-gateway-revision', current);
    response.setHeader('x-template-service-revision', current);
    if (options.interfere?.(requests, request, response) === true) return;
    if (request.method === 'POST') {
      const template = JSON.parse(await text(request)) as { name: string };
      stored.push(template.name);
      response.writeHead(201).end(JSON.stringify({ id: stored.length, ...template }));
      return;
    }
    const id = Number(request.url?.split('/').at(-1));
    const name = stored[id - 1] ?? '';
    response.end(JSON.stringify({ id, name, body: `Dear {{name}}, this is ${name}.` }));
  };

  const server = createServer((request, response) => void handle(request, response)).listen(0, '127.0.0.1');
  server.on('connection', (socket: Socket) => connections.add(socket));
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stored,
    connections,
    requests: () => requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
