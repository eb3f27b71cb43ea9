import { once } from 'node:events';
import { rmSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { runServer } from 'verdaccio';

/** What the process that is forked tells once it listens. */
export interface RepositoryListens {
  readonly port: number;
}

// It ends with whoever started it, however that one ends, and leaves nothing: it is started in its own folder.
process.once('disconnect', () => {
  rmSync(process.cwd(), { recursive: true, force: true });
  process.exit(0);
});
const server = (await runServer(process.argv[2])) as Server;
server.listen(0, '127.0.0.1');
await once(server, 'listening');
process.send?.({ port: (server.address() as AddressInfo).port } satisfies RepositoryListens);
