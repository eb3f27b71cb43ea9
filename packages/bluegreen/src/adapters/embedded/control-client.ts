import { request } from 'node:http';
import { text } from 'node:stream/consumers';

import { type Clock, messageOf, withDeadline } from '@maestro/core';
import type { z } from 'zod';

import { BlueGreenError, type BlueGreenErrorCode } from '../../errors.ts';
import { errorSchema } from './control-protocol.ts';

export interface ControlCall<T> {
  readonly operation: '/state' | '/apply' | '/start' | '/stop' | '/in-flight' | '/shutdown';
  readonly body?: unknown;
  readonly schema: z.ZodType<T>;
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Talks to an environment's daemon through its socket. */
export class ControlClient {
  readonly #socket: string;
  readonly #clock: Clock;

  constructor(options: { readonly socket: string; readonly clock: Clock }) {
    this.#socket = options.socket;
    this.#clock = options.clock;
  }

  /** Throws `BLUEGREEN_DAEMON_NOT_RUNNING` when nobody listens, and whatever the daemon answers with. */
  async call<T>({ operation, body = {}, schema, deadlineMs, signal }: ControlCall<T>): Promise<T> {
    const answer = await withDeadline((inner) => this.#post(operation, body, inner), {
      deadlineMs,
      clock: this.#clock,
      signal,
      onExpired: () =>
        new BlueGreenError('BLUEGREEN_DAEMON_FAILED', `the daemon did not answer ${operation} in ${deadlineMs} ms`, {
          hint: 'look at daemon.log in the state folder of the environment',
          retryable: true,
        }),
    });
    const parsed: unknown = JSON.parse(answer.text);
    if (answer.status === 200) return schema.parse(parsed);
    const { code, message, hint, retryable } = errorSchema.parse(parsed);
    throw new BlueGreenError(isOurs(code) ? code : 'BLUEGREEN_DAEMON_FAILED', message, {
      ...(hint === undefined ? {} : { hint }),
      retryable,
    });
  }

  #post(path: string, body: unknown, signal: AbortSignal): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const outgoing = request(
        { socketPath: this.#socket, path, method: 'POST', signal, agent: false },
        (response) => {
          text(response).then((answer) => {
            resolve({ status: response.statusCode ?? 0, text: answer });
          }, reject);
        },
      );
      outgoing.on('error', (error: NodeJS.ErrnoException) => {
        reject(signal.aborted ? (signal.reason as Error) : translated(error));
      });
      outgoing.end(JSON.stringify(body));
    });
  }
}

function translated(error: NodeJS.ErrnoException): BlueGreenError {
  if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') {
    return new BlueGreenError('BLUEGREEN_DAEMON_NOT_RUNNING', 'the daemon of this environment does not run', {
      hint: 'maestro deploy starts it',
      cause: error,
    });
  }
  return new BlueGreenError('BLUEGREEN_DAEMON_FAILED', `the daemon broke off: ${messageOf(error)}`, {
    hint: 'look at daemon.log in the state folder of the environment',
    retryable: true,
    cause: error,
  });
}

function isOurs(code: string): code is BlueGreenErrorCode {
  return code.startsWith('BLUEGREEN_');
}
