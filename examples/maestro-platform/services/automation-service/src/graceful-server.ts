import { createServer, type RequestListener, type ServerResponse } from 'node:http';

export interface GracefulServerOptions {
  readonly host: string;
  readonly port: number;
  readonly handle: RequestListener;
  readonly onListening: (port: number) => void;
  /** Called when the last request has been answered. */
  readonly onStopped: () => void;
}

export interface GracefulServer {
  /** Takes no new connections, answers what it has begun, closes each connection after its answer. */
  stop(): void;
}

// Longer than the proxies before it keep an idle connection, so that a request never meets one that is closing.
const keepAliveTimeoutMs = 60_000;

export function startGracefulServer({
  host,
  port,
  handle,
  onListening,
  onStopped,
}: GracefulServerOptions): GracefulServer {
  const unanswered = new Set<ServerResponse>();
  let stopping = false;

  const server = createServer({ keepAliveTimeout: keepAliveTimeoutMs }, (request, response) => {
    if (stopping) response.setHeader('connection', 'close');
    unanswered.add(response);
    response.once('close', () => {
      unanswered.delete(response);
      if (stopping) server.closeIdleConnections();
    });
    handle(request, response);
  });
  server.listen(port, host, () => {
    const address = server.address();
    onListening(typeof address === 'object' && address !== null ? address.port : port);
  });

  return {
    stop() {
      if (stopping) return;
      stopping = true;
      for (const response of unanswered) if (!response.headersSent) response.setHeader('connection', 'close');
      server.close(onStopped);
    },
  };
}
