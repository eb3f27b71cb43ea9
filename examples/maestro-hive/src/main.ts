// Signs and verifies messages with a key that may be rotated at any time; prints versions of secrets, never a value.
// SECRETS_FILE=.env node src/main.ts
import { once } from 'node:events';

import { openSecrets, prepareSecrets, watchSecrets } from '@maestro/secrets';

import { openStore } from './open-store.ts';
import { createHiveServer } from './server.ts';
import { readSettings } from './settings.ts';
import { createSignatures, signingKey } from './signatures.ts';

const { port, source, watchIntervalMs } = readSettings(process.env);
const store = await openStore(source);

// Before anything is served: what is missing is told at once, by name.
const { versions } = await prepareSecrets({ store, services: [{ name: 'hive', secrets: [signingKey] }] });
const known = versions.hive ?? {};
for (const [name, version] of Object.entries(known)) say(`${name} has version ${version}`);

const secrets = openSecrets({ store });
await using watch = watchSecrets({
  store,
  names: Object.keys(known),
  versions: known,
  intervalMs: watchIntervalMs,
  onChange(changes) {
    for (const { name, version, before } of changes) {
      secrets.invalidate(name);
      say(`${name} has version ${version}, before ${before}`);
    }
  },
});

const server = createHiveServer(createSignatures(secrets));
server.listen(port, '127.0.0.1', () => {
  const address = server.address();
  say(`hive listens on 127.0.0.1:${typeof address === 'object' ? (address?.port ?? port) : port}`);
});
await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT'), watch.ended]);
server.close();

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
