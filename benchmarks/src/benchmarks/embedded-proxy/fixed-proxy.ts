import { Agent, createServer } from 'node:http';

import { createProxyServer } from 'httpxy';

// The peer: the same library with one target that never changes. Prints the port it listens on.
const target = process.argv[2] ?? '';
const proxy = createProxyServer({ target, xfwd: true, agent: new Agent({ keepAlive: true, maxFreeSockets: 256 }) });
const server = createServer({ noDelay: true }, (request, response) => {
  proxy.web(request, response).catch(() => response.destroy());
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address !== 'string') process.stdout.write(`${address.port}\n`);
});

// Ends with whoever started it, however that one ended.
process.stdin.resume().on('end', () => process.exit());
