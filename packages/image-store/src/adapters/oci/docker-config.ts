import { Redacted } from '@maestro/core';
import { z } from 'zod';

import type { Credentials } from './credentials.ts';

const login = z.object({ auth: z.string().optional(), identitytoken: z.string().optional() });

const configSchema = z.object({
  auths: z.record(z.string(), login).default({}),
  credHelpers: z.record(z.string(), z.string()).default({}),
  credsStore: z.string().default(''),
});

/** What `docker login` keeps, https://docs.docker.com/reference/cli/docker/login/. */
export type DockerConfig = z.infer<typeof configSchema>;

/** Undefined for a text that is none: what is wrong is not told, as it may stand beside a password. */
export function readDockerConfig(text: string): DockerConfig | undefined {
  try {
    return configSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** The programs to ask for the login to a server, in this order. */
export function helpersFor({ credHelpers, credsStore }: DockerConfig, server: string): readonly string[] {
  return [...new Set([credHelpers[server] ?? '', credsStore])].filter((name) => name !== '');
}

/** The login that the file itself holds; undefined where there is none, or none that can be read. */
export function loginIn({ auths }: DockerConfig, server: string): Credentials | undefined {
  const found = auths[server] ?? Object.entries(auths).find(([name]) => hostOf(name) === hostOf(server))?.[1];
  if (found?.identitytoken !== undefined && found.identitytoken !== '') {
    return { identityToken: new Redacted(found.identitytoken) };
  }
  const [, username, password] = /^(?<username>[^:]+):(?<password>.*)$/s.exec(decoded(found?.auth ?? '')) ?? [];
  return username === undefined || password === undefined ? undefined : { username, password: new Redacted(password) };
}

/** Older versions of Docker wrote `https://<host>/v1/` for `<host>`. */
function hostOf(server: string): string | undefined {
  return server.replace(/^https?:\/\//, '').split('/')[0];
}

function decoded(auth: string): string {
  // Some versions of Docker end the password with null characters.
  return Buffer.from(auth, 'base64').toString('utf8').replace(/\0+$/, '');
}
