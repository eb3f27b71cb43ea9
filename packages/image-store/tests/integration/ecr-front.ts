import { createHash } from 'node:crypto';
import { inspect } from 'node:util';

import { ECRClient, GetAuthorizationTokenCommand, PutImageCommand } from '@aws-sdk/client-ecr';
import { expect, vi } from 'vitest';

import type { ImageKey } from '../../src/index.ts';
import { type Answer, answering, type Exchange, type Reaction, RegistryFront } from './registry-front.ts';

/** An AWS account that moto imitates. */
export interface Account {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken: string;
  };
}

/** ECR as moto imitates it, behind a server in which its answers are changed: what moto has not is said by the front. */
export class EcrFront implements AsyncDisposable {
  readonly #front: RegistryFront;
  readonly #reactions = new Map<string, Reaction[]>();
  readonly #account: Account;
  readonly #client: ECRClient;
  /** `https://<account>.dkr.ecr.<region>.amazonaws.com` */
  readonly registry: string;

  private constructor(front: RegistryFront, account: Account, client: ECRClient, registry: string) {
    this.#front = front;
    this.#account = account;
    this.#client = client;
    this.registry = registry;
    front.put({ method: 'POST', path: /^\//, reaction: (exchange, response) => this.#react(exchange, response) });
  }

  /** The account is who asks from now on, as AWS's usual chain finds it. */
  static async open(account: Account): Promise<EcrFront> {
    vi.stubEnv('AWS_ACCESS_KEY_ID', account.credentials.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', account.credentials.secretAccessKey);
    vi.stubEnv('AWS_SESSION_TOKEN', account.credentials.sessionToken);
    vi.stubEnv('AWS_MAX_ATTEMPTS', '2');
    const { endpoint, region, credentials } = account;
    const client = new ECRClient({ endpoint, region, credentials });
    const { authorizationData = [] } = await client.send(new GetAuthorizationTokenCommand());
    return new EcrFront(await RegistryFront.open(endpoint), account, client, authorizationData[0]?.proxyEndpoint ?? '');
  }

  get endpoint(): string {
    return this.#front.origin;
  }

  get region(): string {
    return this.#account.region;
  }

  /** moto itself, for looking behind the front. */
  get client(): ECRClient {
    return this.#client;
  }

  /** What is done to the next requests for an action, one after the other; the last one to all that follow. */
  react(action: string, ...reactions: readonly Reaction[]): void {
    this.#reactions.set(action, [...reactions]);
  }

  /** The requests for an action, as what they ask for. */
  asked(action: string): readonly unknown[] {
    const requests = this.#front.requests.filter((request) => actionOf(request) === action);
    return requests.map(({ body }): unknown => JSON.parse(body.toString()));
  }

  /** An image that is only a manifest: moto takes no layers. */
  async putImage(repository: string): Promise<ImageKey> {
    const manifest = JSON.stringify({ schemaVersion: 2, repository });
    const digest = `sha256:${createHash('sha256').update(manifest).digest('hex')}`;
    await this.#client.send(
      new PutImageCommand({
        repositoryName: repository,
        imageManifest: manifest,
        imageManifestMediaType: 'application/vnd.oci.image.manifest.v1+json',
        imageTag: 'production-abc1234',
        imageDigest: digest,
      }),
    );
    return { repository, digest };
  }

  /** Neither who asked nor what else is given. */
  expectNoSecretIn(said: unknown, others: readonly string[] = []): void {
    const { accessKeyId, secretAccessKey, sessionToken } = this.#account.credentials;
    const text = inspect(said, { depth: Infinity, showHidden: true, maxStringLength: Infinity }) + JSON.stringify(said);
    for (const secret of [accessKeyId, secretAccessKey, sessionToken, ...others]) expect(text).not.toContain(secret);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    vi.unstubAllEnvs();
    this.#client.destroy();
    await this.#front[Symbol.asyncDispose]();
  }

  #react(exchange: Exchange, response: Parameters<Reaction>[1]): Promise<Answer | undefined> {
    const reactions = this.#reactions.get(actionOf(exchange)) ?? [];
    const reaction = reactions.length > 1 ? reactions.shift() : reactions[0];
    return reaction === undefined ? exchange.forward() : reaction(exchange, response);
  }
}

export function saying(document: object, status = 200): Reaction {
  const headers = { 'content-type': 'application/x-amz-json-1.1' };
  return answering({ status, headers, body: JSON.stringify(document) });
}

export function failing(name: string, message = 'no', status = 400): Reaction {
  return saying({ __type: name, message }, status);
}

export const passingOn: Reaction = ({ forward }) => forward();

function actionOf({ headers }: Exchange): string {
  return String(headers['x-amz-target']).split('.').at(-1) ?? '';
}
