import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

import { messageOf } from '@maestro/core';

import type { Call } from '../../adapters/aws/secrets-manager-api.ts';
import type { FakeSecretsManager } from './fake-secrets-manager.ts';
import { ServiceError } from './service-error.ts';

export interface SecretsManagerServer extends AsyncDisposable {
  /** For `awsStore({ endpoint })`, or for any client of AWS's. */
  readonly endpoint: string;
}

type Action = (input: unknown, call: Call) => Promise<unknown>;

const contentType = 'application/x-amz-json-1.1';

/**
 * Serves fakes over HTTP on 127.0.0.1, as the service is served. A request is for the fake of the region that it is signed
 * for; signatures are not verified.
 */
export async function serveSecretsManager(
  ...fakes: readonly [FakeSecretsManager, ...FakeSecretsManager[]]
): Promise<SecretsManagerServer> {
  const byRegion = new Map(fakes.map((fake) => [fake.region, fake]));
  const server = createServer((request, response) => {
    const fake = byRegion.get(regionOf(request)) ?? fakes[0];
    void answer(fake, request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function answer(fake: FakeSecretsManager, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => {
    gone.abort();
  });
  try {
    const output = await act(fake, request, { abortSignal: gone.signal });
    send(response, 200, output ?? {});
  } catch (error) {
    if (error instanceof ServiceError) {
      send(response, error.$metadata.httpStatusCode, { __type: error.name, message: error.message });
    } else if (error instanceof Error && 'code' in error) {
      request.socket.destroy();
    } else {
      send(response, 500, { __type: 'InternalServiceError', message: messageOf(error) });
    }
  }
}

async function act(fake: FakeSecretsManager, request: IncomingMessage, call: Call): Promise<unknown> {
  const target = String(request.headers['x-amz-target']).replace(/^secretsmanager\./, '');
  const input: unknown = JSON.parse(await text(request));
  const service = fake.service();
  const actions: Readonly<Record<string, Action>> = {
    BatchGetSecretValue: service.batchGetSecretValue.bind(service) as Action,
    GetSecretValue: service.getSecretValue.bind(service) as Action,
    DescribeSecret: service.describeSecret.bind(service) as Action,
    ListSecrets: service.listSecrets.bind(service) as Action,
    CreateSecret: service.createSecret.bind(service) as Action,
    PutSecretValue: service.putSecretValue.bind(service) as Action,
    UpdateSecretVersionStage: service.updateSecretVersionStage.bind(service) as Action,
    RotateSecret: service.rotateSecret.bind(service) as Action,
    RestoreSecret: service.restoreSecret.bind(service) as Action,
  };
  const action = Object.hasOwn(actions, target) ? actions[target] : undefined;
  if (action === undefined) throw new ServiceError('UnknownOperationException', `${target} is not imitated`);
  return action(input, call);
}

function send(response: ServerResponse, status: number, document: unknown): void {
  response.writeHead(status, { 'content-type': contentType });
  response.end(JSON.stringify(wire(document)));
}

/** Bytes in base64, times in seconds. */
function wire(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value instanceof Date) return value.getTime() / 1000;
  if (Array.isArray(value)) return value.map(wire);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, wire(inner)]));
}

/** From the scope of the signature: `Credential=AKIA…/20260101/eu-central-1/secretsmanager/aws4_request`. */
function regionOf({ headers }: IncomingMessage): string {
  return /Credential=[^/]+\/\d+\/([\w-]+)\//.exec(headers.authorization ?? '')?.[1] ?? '';
}
