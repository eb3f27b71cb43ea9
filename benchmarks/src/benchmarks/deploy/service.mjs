// A service as a project would write one: it listens on HOST and PORT, has a health endpoint and ends well on SIGTERM.
import { createServer } from 'node:http';

const server = createServer((request, response) => response.end('ok'));
server.listen(Number(process.env.PORT), process.env.HOST);
process.on('SIGTERM', () => server.close(() => process.exit(0)));
