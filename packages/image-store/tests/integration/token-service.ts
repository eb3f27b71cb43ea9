import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

import type { Gate } from './registry-front.ts';

export interface TokenRequest {
  readonly method: string;
  readonly query: URLSearchParams;
  readonly form: URLSearchParams;
  readonly authorization: string | undefined;
}

/** Gives out tokens as https://distribution.github.io/distribution/spec/auth/token/ says, to whoever asks. */
export class TokenService implements AsyncDisposable {
  readonly requests: TokenRequest[] = [];
  /** Every token that was given out. */
  readonly tokens: string[] = [];
  status = 200;
  /** Whether the registry takes its tokens. */
  accepts = true;
  /** Whether it lets everybody wait. */
  silent = false;
  lifetimeSeconds: number | undefined;
  readonly #valid = new Set<string>();
  readonly #server = createServer((incoming, response) => void this.#serve(incoming, response));

  static async open(): Promise<TokenService> {
    const service = new TokenService();
    await once(service.#server.listen(0, '127.0.0.1'), 'listening');
    return service;
  }

  get realm(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/token`;
  }

  /** Lets through who has a token of this service, and tells others where there are some. */
  readonly gate: Gate = ({ headers }) => {
    if (this.accepts && this.#valid.has(headers.authorization ?? '')) return undefined;
    const challenge = `Bearer realm="${this.realm}",service="registry.test",scope="repository:of/challenge:pull"`;
    return { status: 401, headers: { 'www-authenticate': challenge } };
  };

  /** As if they had expired. */
  revokeAll(): void {
    this.#valid.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = incoming;
    const { searchParams: query } = new URL(url, this.realm);
    const form = new URLSearchParams(await text(incoming));
    this.requests.push({ method, query, form, authorization: headers.authorization });
    if (this.silent) return;
    const token = randomBytes(16).toString('hex');
    if (this.status === 200) {
      this.tokens.push(token);
      this.#valid.add(`Bearer ${token}`);
    }
    const lifetime = this.lifetimeSeconds === undefined ? {} : { expires_in: this.lifetimeSeconds };
    response.writeHead(this.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(method === 'POST' ? { access_token: token, ...lifetime } : { token, ...lifetime }));
  }
}
