import { createServer, type IncomingMessage, type Server } from 'node:http';
import { text } from 'node:stream/consumers';

import type { Signatures } from './signatures.ts';

/** POST /sign answers the signature of the body; POST /verify whether the header x-signature is one. */
export function createHiveServer(signatures: Signatures): Server {
  return createServer((request, response) => {
    answer(request, signatures).then(
      ({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      },
      (error: unknown) => {
        // Errors of the store name secrets and places, never a value.
        process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
        response.writeHead(503, { 'content-type': 'application/json' }).end('{"error":"UNAVAILABLE"}');
      },
    );
  });
}

async function answer(request: IncomingMessage, signatures: Signatures): Promise<{ status: number; body: object }> {
  switch (`${request.method ?? ''} ${request.url ?? ''}`) {
    case 'GET /health':
      return { status: 200, body: { status: 'ok' } };
    case 'POST /sign':
      return { status: 200, body: { signature: await signatures.sign(await text(request)) } };
    case 'POST /verify': {
      const signature = String(request.headers['x-signature'] ?? '');
      return { status: 200, body: { validBy: await signatures.verify(await text(request), signature) } };
    }
    default:
      return { status: 404, body: { error: 'NOT_FOUND' } };
  }
}
