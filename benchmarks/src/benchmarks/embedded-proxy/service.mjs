import { createServer } from 'node:http';

const body = JSON.stringify({ items: Array.from({ length: 10 }, (_, id) => ({ id, name: `item ${id}` })) });
const server = createServer((_, response) => {
  response.setHeader('content-type', 'application/json');
  response.end(body);
});
server.keepAliveTimeout = 60_000;
server.listen(Number(process.env.PORT), process.env.HOST);
process.on('SIGTERM', () => server.close(() => process.exit(0)));
