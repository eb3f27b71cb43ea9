import { execFile } from 'node:child_process';

import { type Clock, Redacted, withDeadline } from '@maestro/core';
import { z } from 'zod';

import { ImageStoreError } from '../../errors.ts';
import type { Credentials } from './credentials.ts';

export interface HelperQuestion {
  /** `ecr-login` stands for the program `docker-credential-ecr-login`. */
  readonly name: string;
  /** What the login is kept under. */
  readonly server: string;
  /** The configuration that names the program. */
  readonly file: string;
  readonly clock: Clock;
}

interface Printed {
  /** Null for a program that was ended, a text for one that could not be started. */
  readonly exitCode: number | string | null;
  readonly output: string;
}

const deadlineMs = 30_000;
const notFound = 'credentials not found in native keychain';
// A username that stands for a secret which is no password.
const identityTokenName = '<token>';

const answerSchema = z.object({ Username: z.string(), Secret: z.string() });

/**
 * Asks one of https://github.com/docker/docker-credential-helpers; undefined where it knows no login. Throws
 * `IMAGE_STORE_CREDENTIALS`, which never repeats what the program printed: it may be the secret.
 */
export async function askCredentialHelper(question: HelperQuestion): Promise<Credentials | undefined> {
  const { name, clock } = question;
  if (!/^[\w.-]+$/.test(name)) throw helperFailed(question, 'is not the name of a program');
  const { exitCode, output } = await withDeadline((ended) => run(question, ended), {
    deadlineMs,
    clock,
    onExpired: () => helperFailed(question, `did not answer within ${deadlineMs} ms`),
  });
  if (exitCode === 'ENOENT') throw helperFailed(question, 'is not on the PATH');
  if (exitCode !== 0 && output.trim() === notFound) return undefined;
  if (exitCode !== 0) throw helperFailed(question, `failed with ${exitCode ?? 'a signal'}`);
  const login = loginIn(output);
  if (login === undefined) throw helperFailed(question, 'printed no login');
  return login;
}

function run({ name, server }: HelperQuestion, signal: AbortSignal): Promise<Printed> {
  return new Promise((resolve, reject) => {
    const child = execFile(`docker-credential-${name}`, ['get'], { signal }, (error, output) => {
      if (signal.aborted) reject(signal.reason as Error);
      else resolve({ exitCode: error === null ? 0 : (error.code ?? null), output });
    });
    // A program that does not read to the end has its reasons, which its exit code tells.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(server);
  });
}

function loginIn(output: string): Credentials | undefined {
  try {
    const { Username: username, Secret: secret } = answerSchema.parse(JSON.parse(output));
    if (username === identityTokenName) return { identityToken: new Redacted(secret) };
    return { username, password: new Redacted(secret) };
  } catch {
    return undefined;
  }
}

function helperFailed({ name, server, file }: HelperQuestion, problem: string): ImageStoreError {
  const program = `docker-credential-${name}`;
  const message = `${program}, which ${file} names for the login to ${server}, ${problem}`;
  return new ImageStoreError('IMAGE_STORE_CREDENTIALS', message, {
    hint: `try it: echo ${server} | ${program} get; or take it out of ${file}`,
    details: { file, server },
  });
}
