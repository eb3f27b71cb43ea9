import { createApi } from './api.ts';
import { startGracefulServer } from './graceful-server.ts';
import { publish } from './publish.ts';
import { createRunQueue } from './run-queue.ts';
import { readSettings } from './settings.ts';

const settings = readSettings(process.env);
const queue = createRunQueue((templateId) => publish(templateId, settings));
let stopping = false;

const server = startGracefulServer({
  host: settings.host,
  port: settings.port,
  handle: createApi({ settings, queue, isStopping: () => stopping }),
  onListening: (port) => {
    process.stdout.write(`automation-service ${settings.identity.revision} listens on ${settings.host}:${port}\n`);
  },
  onStopped: () => {
    // Runs that were taken are finished first. Pooled connections would keep the process alive after that.
    void queue.idle().then(() => process.exit(0));
  },
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    stopping = true;
    server.stop();
  });
}
