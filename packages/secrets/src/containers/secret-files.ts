import type { Redacted } from '@maestro/core';

import { rejected } from '../errors.ts';
import { shellEnvironment } from './shell-environment.ts';

/** The secrets of a service by name: text becomes a file and an environment variable, bytes become a file only. */
export type ContainerSecretValues = Readonly<Record<string, Redacted | Redacted<Uint8Array>>>;

/** What the secrets folder of a container holds, by name. */
export type SecretFiles = ReadonlyMap<string, Uint8Array>;

/** The file that a shell sources. */
export const environmentFile = 'env';

// Names become parts of paths, in archives too; those of the folder's own links begin with two dots.
const fileName = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,89}$/;

/** Throws SECRETS_REJECTED for a name that no file may have here, SECRETS_UNFIT_FOR_ENVIRONMENT for text that fits no variable. */
export function secretFiles(secrets: ContainerSecretValues): SecretFiles {
  const variables: Record<string, string> = {};
  const files = new Map<string, Uint8Array>();
  for (const [name, secret] of Object.entries(secrets)) {
    checkName(name);
    const value = secret.reveal();
    if (typeof value === 'string') variables[name] = value;
    files.set(name, typeof value === 'string' ? Buffer.from(value, 'utf8') : value);
  }
  return files.set(environmentFile, Buffer.from(shellEnvironment(variables), 'utf8'));
}

/** The names whose content is not the same in both, in order. */
export function differences(wanted: SecretFiles, found: SecretFiles): readonly string[] {
  const names = [...new Set([...wanted.keys(), ...found.keys()])].sort();
  return names.filter((name) => {
    const [one, other] = [wanted.get(name), found.get(name)];
    return one === undefined || other === undefined || Buffer.compare(one, other) !== 0;
  });
}

function checkName(name: string): void {
  const place = 'a container';
  if (name === environmentFile) throw rejected(place, name, 'that file holds the environment');
  if (isGeneration(name)) throw rejected(place, name, 'that is the name of one of its folders');
  if (!fileName.test(name)) {
    throw rejected(place, name, 'expected at most 90 letters, digits, dots, underscores and hyphens');
  }
}

function isGeneration(name: string): boolean {
  return /^v\d+$/.test(name);
}
