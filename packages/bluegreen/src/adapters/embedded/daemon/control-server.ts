import { once } from 'node:events';
import { chmod, mkdir, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { dirname } from 'node:path';
import { json } from 'node:stream/consumers';

import { isMaestroError, type Logger, reportError } from '@maestro/core';

import type { RouterAddresses, Topology } from '../../../ports/router.ts';
import { type DaemonState, keySchema, startSchema, stopSchema, topologySchema } from '../control-protocol.ts';
import { checkOwnFolder } from '../own-folder.ts';
import type { Proxy } from './proxy.ts';
import type { Supervisor } from './supervisor.ts';

/** What can be asked of a running daemon. */
export interface Daemon {
  readonly supervisor: Supervisor;
  readonly proxy: Proxy;
  state(): DaemonState;
  apply(topology: Topology): Promise<RouterAddresses | null>;
  requestShutdown(): void;
}

type Operation = (daemon: Daemon, body: unknown) => unknown;

/** Everything a deployer can ask of the daemon. */
const operations: Readonly<Record<string, Operation>> = {
  '/state': (daemon) => daemon.state(),
  '/apply': (daemon, body) => daemon.apply(topologySchema.parse(body)),
  '/start': (daemon, body) => daemon.supervisor.start(startSchema.parse(body)),
  '/stop': async (daemon, body) => {
    await daemon.supervisor.stop(stopSchema.parse(body));
    return {};
  },
  '/keep-running': (daemon, body) => {
    daemon.supervisor.keepRunning(keySchema.parse(body));
    return {};
  },
  '/in-flight': (daemon, body) => daemon.proxy.inFlight(keySchema.parse(body)),
  '/shutdown': (daemon) => {
    daemon.requestShutdown();
    return {};
  },
};

/** Listens on a socket only this user can open; whoever binds it has made sure that no other daemon lives. */
export async function serveControl(options: {
  readonly socket: string;
  readonly daemon: Daemon;
  readonly logger: Logger;
}): Promise<Server> {
  const { socket, daemon, logger } = options;
  await mkdir(dirname(socket), { recursive: true, mode: 0o700 });
  await checkOwnFolder(dirname(socket));
  await rm(socket, { force: true });
  const server = createServer({ requestTimeout: 0 });
  server.on('request', (request, response) => {
    void answer(request, response, daemon, logger);
  });
  server.listen(socket);
  await once(server, 'listening');
  await chmod(socket, 0o600);
  return server;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  daemon: Daemon,
  logger: Logger,
): Promise<void> {
  try {
    const operation = operations[request.url ?? ''];
    if (operation === undefined) throw new Error(`unknown operation ${request.url ?? ''}`);
    const result = await operation(daemon, await json(request));
    send(response, 200, result);
  } catch (error) {
    if (!isMaestroError(error)) logger.error('an operation failed', { operation: request.url ?? '', ...report(error) });
    send(response, 400, reportError(error));
  }
}

function report(error: unknown) {
  const { code, message } = reportError(error);
  return { code, message };
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
