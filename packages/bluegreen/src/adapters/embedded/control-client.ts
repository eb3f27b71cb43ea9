import { dirname } from 'node:path';
import { text } from 'node:stream/consumers';

import { type Clock, messageOf, withDeadline } from '@maestro/core';
import type { z } from 'zod';

import { BlueGreenError, type BlueGreenErrorCode } from '../../errors.ts';
import { http } from '../http/node-http.ts';
import { errorSchema } from './control-protocol.ts';
import { checkOwnFolder } from './own-folder.ts';

export interface ControlCall<T> {
  readonly operation: '/state' | '/apply' | '/start' | '/stop' | '/keep-running' | '/in-flight' | '/shutdown';
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

  /** Throws `BLUEGREEN_DAEMON_NOT_RUNNING` when nobody listens or does so no longer, and whatever the daemon answers with. */
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
    if (answer.status === 200) return understood(schema, answer.text);
    const { code, message, hint, retryable } = understood(errorSchema, answer.text);
    throw new BlueGreenError(isOurs(code) ? code : 'BLUEGREEN_DAEMON_FAILED', message, {
      ...(hint === undefined ? {} : { hint }),
      retryable,
    });
  }

  async #post(path: string, body: unknown, signal: AbortSignal): Promise<{ status: number; text: string }> {
    await checkOwnFolder(dirname(this.#socket));
    return new Promise((resolve, reject) => {
      const outgoing = http.request(
        { socketPath: this.#socket, path, method: 'POST', signal, agent: false },
        (response) => {
          text(response).then((answer) => {
            resolve({ status: response.statusCode ?? 0, text: answer });
          }, failed);
        },
      );
      const failed = (error: NodeJS.ErrnoException) => {
        reject(signal.aborted ? (signal.reason as Error) : translated(error));
      };
      outgoing.on('error', failed);
      outgoing.end(JSON.stringify(body));
    });
  }
}

function understood<T>(schema: z.ZodType<T>, answer: string): T {
  try {
    return schema.parse(JSON.parse(answer));
  } catch (error) {
    throw new BlueGreenError(
      'BLUEGREEN_DAEMON_FAILED',
      'the daemon answered something this version does not understand',
      {
        hint: 'use the version of Maestro that started it, or shut the environment down with that one first',
        cause: error,
      },
    );
  }
}

function translated(error: NodeJS.ErrnoException): BlueGreenError {
  switch (error.code) {
    case 'ENOENT':
    case 'ECONNREFUSED':
      return new BlueGreenError('BLUEGREEN_DAEMON_NOT_RUNNING', 'the daemon of this environment does not run', {
        hint: 'maestro deploy starts it',
        cause: error,
      });
    case 'ECONNRESET':
    case 'EPIPE':
      return new BlueGreenError(
        'BLUEGREEN_DAEMON_NOT_RUNNING',
        'the daemon of this environment ended while it was asked',
        {
          hint: 'look at daemon.log in the state folder of the environment; maestro deploy starts it again',
          retryable: true,
          cause: error,
        },
      );
    default:
      return new BlueGreenError('BLUEGREEN_DAEMON_FAILED', `the daemon cannot be reached: ${messageOf(error)}`, {
        hint: 'run as the user who started the environment',
        cause: error,
      });
  }
}

function isOurs(code: string): code is BlueGreenErrorCode {
  return code.startsWith('BLUEGREEN_');
}
