import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';

// What is put into the images: node and this file alone.
const { SLOT, HOST, PORT } = process.env;
const crashing = '/crashing';
const padding = '.'.repeat(400);
// By the clock of the machine, which all its processes share.
let lastArrival = 0n;
let failingShare = 0;
let ending = false;

if (existsSync(crashing)) process.exit(1);

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://service');
  if (pathname === '/-/arrivals') return response.end(String(lastArrival));
  if (pathname === '/-/fail') return fail(searchParams.get('how'), response);
  lastArrival = process.hrtime.bigint();
  // A proxy's connection is never idle under load, and would be waited for as long as it is kept.
  response.shouldKeepAlive = !ending;
  if (Math.random() < failingShare) return refuse(request, response);
  if (pathname === '/events') return sendEvents(Number(searchParams.get('count')), response);
  let bytes = 0;
  request.on('data', (piece) => (bytes += piece.length));
  request.on('end', () => response.end(`${SLOT} got ${bytes} bytes ${padding}`));
});

function sendEvents(count, response) {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  let sent = 0;
  const timer = setInterval(() => {
    sent += 1;
    response.write(`data: ${SLOT} ${sent}\n\n`);
    if (sent === count) response.end();
    if (sent === count) clearInterval(timer);
  }, 100);
  response.on('close', () => clearInterval(timer));
}

function refuse(request, response) {
  response.statusCode = 500;
  request.resume().on('end', () => response.end('broken'));
}

function fail(how, response) {
  if (how === 'crash') {
    writeFileSync(crashing, '');
    response.end(() => process.exit(1));
  } else {
    failingShare = Number(how);
    response.end();
  }
}

server.listen(Number(PORT), HOST);
process.on('SIGTERM', () => {
  ending = true;
  server.close(() => process.exit(0));
});
