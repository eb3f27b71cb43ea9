// Sends load as its first argument says, until its input ends; then prints what came of it.
import { runClient } from './client.ts';
import type { Connection } from './connection.ts';
import { openHttp1 } from './http1-connection.ts';
import { openHttp2 } from './http2-connection.ts';
import { LoadCounts } from './load-counts.ts';
import type { ClientsPlan, LoadPlan, LoadTarget } from './load-plan.ts';

const { targets, clients } = JSON.parse(process.argv[2] ?? '') as LoadPlan;
const counts = new LoadCounts();
const stop = new AbortController();
// Also where whoever started it was killed.
process.stdin.resume().on('end', () => {
  counts.stopped();
  stop.abort();
});

const opened: Connection[] = [];
const running = targets.flatMap((target) => clients.flatMap((plan) => runClients(plan, target)));

function runClients(plan: ClientsPlan, target: LoadTarget): readonly Promise<void>[] {
  const { count, perConnection = 1 } = plan;
  const connections = Array.from({ length: Math.ceil(count / perConnection) }, () => connectionOf(plan, target));
  opened.push(...connections);
  return Array.from({ length: count }, (_, index) => {
    const connection = connections[Math.floor(index / perConnection)];
    if (connection === undefined) throw new Error('more clients than connections');
    return runClient({ plan, connection, counts, stop: stop.signal });
  });
}

function connectionOf({ transport }: ClientsPlan, { host, port, tlsPort, name = host }: LoadTarget): Connection {
  if (transport === 'HTTP/1.1') return openHttp1({ host, port, name, tls: false });
  if (tlsPort === null) throw new Error(`${transport} needs a port for TLS`);
  return transport === 'HTTP/2'
    ? openHttp2({ host, port: tlsPort, name })
    : openHttp1({ host, port: tlsPort, name, tls: true });
}

await Promise.all(running);
const report = counts.report();
for (const connection of opened) connection.close();
process.stdout.write(JSON.stringify(report));
