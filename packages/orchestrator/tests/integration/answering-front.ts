import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** An answer on its way. */
export interface PassingAnswer {
  readonly method: string;
  readonly path: string;
  status: number;
  readonly headers: IncomingHttpHeaders;
  body: Buffer;
}

/** Stands before a server and may change what it answers. */
export interface AnsweringFront extends AsyncDisposable {
  readonly port: number;
  /** Of each request, as `GET /v2/`. */
  readonly asked: readonly string[];
}

export async function startAnsweringFront(
  target: { readonly socketPath: string } | { readonly host: string; readonly port: number },
  change: (answer: PassingAnswer) => void,
): Promise<AnsweringFront> {
  const asked: string[] = [];
  const pass = async (incoming: IncomingMessage, response: ServerResponse) => {
    const { method = 'GET', url: path = '/', headers } = incoming;
    asked.push(`${method} ${path}`);
    const outgoing = request({ ...target, method, path, headers, agent: false });
    outgoing.end(await buffer(incoming));
    const [from] = (await once(outgoing, 'response')) as [IncomingMessage];
    const answer = {
      method,
      path,
      status: from.statusCode ?? 500,
      headers: { ...from.headers },
      body: await buffer(from),
    };
    change(answer);
    delete answer.headers['transfer-encoding'];
    if (answer.body.byteLength > 0) answer.headers['content-length'] = String(answer.body.byteLength);
    response.sendDate = false;
    response.writeHead(answer.status, answer.headers);
    response.end(answer.body);
  };
  const server = createServer((incoming, response) => {
    pass(incoming, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
