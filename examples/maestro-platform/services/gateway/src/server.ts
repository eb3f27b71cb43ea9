import { startGracefulServer } from './graceful-server.ts';
import { createRoutes } from './routes.ts';
import { readSettings } from './settings.ts';

const settings = readSettings(process.env);
let stopping = false;

const server = startGracefulServer({
  host: settings.host,
  port: settings.port,
  handle: createRoutes({ settings, isStopping: () => stopping }),
  onListening: (port) => {
    process.stdout.write(`gateway ${settings.identity.revision} listens on ${settings.host}:${port}\n`);
  },
  onStopped: () => {
    // Its pooled connections to other services would keep the process alive until they time out.
    process.exit(0);
  },
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    stopping = true;
    server.stop();
  });
}
