import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

import { type Clock, systemClock } from '@maestro/core';

import { ImageStoreError } from '../../errors.ts';
import { askCredentialHelper } from './credential-helper.ts';
import type { Credentials, CredentialSource } from './credentials.ts';
import { type DockerConfig, helpersFor, loginIn, readDockerConfig } from './docker-config.ts';
import { loginCommand, loginServer } from './docker-login.ts';
import { TokenCache } from './token-cache.ts';

export interface DockerCredentialsOptions {
  /** Holds `config.json`; by default `$DOCKER_CONFIG`, else `~/.docker`. */
  readonly configFolder?: string | undefined;
  readonly clock?: Clock | undefined;
}

/** Helpers ask key chains and clouds, and cost up to seconds; a login that has changed is noticed after this time. */
const keptMs = 5 * 60_000;

/**
 * The logins of `docker login`: of the program that `credHelpers` names for the registry, else of `credsStore`, else in
 * the file itself; kept for five minutes, or until a registry refuses it. Throws `IMAGE_STORE_CREDENTIALS` for a file that cannot be read and for a
 * program that is missing or fails.
 */
export function dockerCredentials(options: DockerCredentialsOptions = {}): CredentialSource {
  const { clock = systemClock } = options;
  const folder = options.configFolder ?? process.env.DOCKER_CONFIG ?? join(homedir(), '.docker');
  const kept = new TokenCache<Credentials | undefined>(clock);

  return (registry, { refused } = {}) => {
    const find = async () => ({
      value: await findLogin(join(folder, 'config.json'), registry, clock),
      usableMs: keptMs,
    });
    return kept.get(registry, find, refused);
  };
}

async function findLogin(file: string, registry: string, clock: Clock): Promise<Credentials | undefined> {
  const config = await readConfig(file, registry);
  if (config === undefined) return undefined;
  const server = loginServer(registry);
  for (const name of helpersFor(config, server)) {
    const login = await askCredentialHelper({ name, server, file, clock });
    if (login !== undefined) return login;
  }
  return loginIn(config, server);
}

/** Undefined where nobody has ever logged in. */
async function readConfig(file: string, registry: string): Promise<DockerConfig | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unreadable(file, `cannot read ${file}`, `ls -l ${file}`, error);
  }
  const config = readDockerConfig(text);
  if (config !== undefined) return config;
  throw unreadable(
    file,
    `${file} is not a configuration of Docker's`,
    `mend it, or move it away and ${loginCommand(registry)}`,
  );
}

function unreadable(file: string, message: string, hint: string, cause?: unknown): ImageStoreError {
  return new ImageStoreError('IMAGE_STORE_CREDENTIALS', message, { hint, details: { file }, cause });
}
