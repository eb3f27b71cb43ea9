import { Redacted } from '@maestro/core';

import { type Credentials, type CredentialSource, sameCredentials } from '../oci/credentials.ts';
import { loginServer } from '../oci/docker-login.ts';
import { EngineFault } from './engine-fault.ts';

/** What the engine shows to the registry that it asks for us. */
export type RegistryAuth = Redacted<Readonly<Record<string, string>>>;

/** Finds logins for what the engine asks of registries. */
export class RegistryLogin {
  readonly #credentials: CredentialSource | undefined;

  constructor(credentials: CredentialSource | undefined) {
    this.#credentials = credentials;
  }

  /** Does work as who is logged in at a registry, once more where that login was kept for too long. */
  async as<T>(host: string, work: (auth: RegistryAuth) => Promise<T>): Promise<T> {
    const login = await this.#credentials?.(host);
    try {
      return await work(authOf(host, login));
    } catch (error) {
      if (login === undefined || !(error instanceof EngineFault) || !error.isAboutLogin) throw error;
      const other = await this.#credentials?.(host, { refused: login });
      if (other === undefined || sameCredentials(login, other)) throw error;
      return await work(authOf(host, other));
    }
  }
}

/** The engine refuses a request without any, so that nobody is an empty one. */
function authOf(host: string, login: Credentials | undefined): RegistryAuth {
  if (login === undefined) return new Redacted({});
  const serveraddress = loginServer(host);
  if ('identityToken' in login) return new Redacted({ identitytoken: login.identityToken.reveal(), serveraddress });
  return new Redacted({ username: login.username, password: login.password.reveal(), serveraddress });
}
