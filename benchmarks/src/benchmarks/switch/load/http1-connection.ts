import { Agent as PlainAgent, request as plainRequest } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { text } from 'node:stream/consumers';

import { type Connection, type LoadAnswer, RequestFailure, silenceMs, writeBody } from './connection.ts';

export interface Http1Options {
  readonly host: string;
  readonly port: number;
  readonly name: string;
  readonly tls: boolean;
}

export function openHttp1({ host, port, name, tls }: Http1Options): Connection {
  const kept = { keepAlive: true, maxSockets: 1 };
  // What a certificate says is not what is measured here.
  const agent = tls ? new TlsAgent({ ...kept, rejectUnauthorized: false }) : new PlainAgent(kept);
  const open = tls ? tlsRequest : plainRequest;
  const common = { host, port, agent, timeout: silenceMs };
  return {
    send: ({ body, accept = '*/*', ...what }) =>
      new Promise<LoadAnswer>((resolve, reject) => {
        const request = open({ ...common, ...what, headers: { host: name, accept } }, (response) => {
          text(response).then((all) => {
            resolve({ status: response.statusCode ?? 0, text: all, reused: request.reusedSocket });
          }, reject);
        });
        request.once('timeout', () => request.destroy(new RequestFailure('timeout')));
        request.on('error', reject);
        void writeBody(request, body);
      }),
    close: () => {
      agent.destroy();
    },
  };
}
