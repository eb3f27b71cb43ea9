import { createApi } from './api.ts';
import { startGracefulServer } from './graceful-server.ts';
import { readSettings } from './settings.ts';
import { openTemplateStore } from './template-store.ts';

const settings = readSettings(process.env);
const store = openTemplateStore(settings.databasePath);
let stopping = false;

const server = startGracefulServer({
  host: settings.host,
  port: settings.port,
  handle: createApi({ settings, store, isStopping: () => stopping }),
  onListening: (port) => {
    process.stdout.write(`template-service ${settings.identity.revision} listens on ${settings.host}:${port}\n`);
  },
  onStopped: () => {
    store.close();
  },
});

// Nothing keeps the process alive after the last answer, so it ends by itself, with exit code 0.
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    stopping = true;
    server.stop();
  });
}
