import { once } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { addAbortSignal, type Duplex } from 'node:stream';

import { type Clock, withDeadline } from '@maestro/core';

import type { EngineAddress } from './engine-address.ts';
import { bodyOf, type EngineRequest, messageIn, requestTo } from './engine-client.ts';
import { EngineRefusal } from './engine-refusal.ts';
import { engineUnreachable } from './errors.ts';

export interface EngineStreamsOptions {
  readonly address: EngineAddress;
  readonly clock: Clock;
}

// Until the answer begins; how long it then takes is up to who reads it.
const beginMs = 60_000;

/**
 * Answers of one engine that are read while they come. Both ways throw `BLUEGREEN_ENGINE_UNREACHABLE`, `EngineRefusal`, and end
 * with the signal's reason.
 */
export class EngineStreams {
  readonly #options: EngineStreamsOptions;

  constructor(options: EngineStreamsOptions) {
    this.#options = options;
  }

  /** The answer as it comes. */
  read(request: EngineRequest): Promise<IncomingMessage> {
    return this.#begin(request, async (signal) => {
      const outgoing = requestTo(this.#options.address, request, { signal });
      const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
      return await accepted(answer);
    });
  }

  /** The connection itself, both ways, once the engine has agreed. */
  takeOver(request: EngineRequest): Promise<Duplex> {
    return this.#begin(request, async (signal) => {
      const headers = { connection: 'Upgrade', upgrade: 'tcp' };
      const connection = await upgraded(requestTo(this.#options.address, request, { signal, headers }));
      return addAbortSignal(signal, connection);
    });
  }

  async #begin<T>(request: EngineRequest, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { address, clock } = this.#options;
    const { signal } = request;
    try {
      return await withDeadline(work, {
        deadlineMs: beginMs,
        clock,
        signal,
        onExpired: () => new Error(`expected an answer within ${beginMs / 1000} s`),
      });
    } catch (error) {
      signal?.throwIfAborted();
      throw error instanceof EngineRefusal ? error : engineUnreachable(address, error);
    }
  }
}

async function upgraded(outgoing: ClientRequest): Promise<Duplex> {
  return await new Promise((resolve, reject) => {
    outgoing.once('upgrade', (_answer: IncomingMessage, connection: Duplex, head: Buffer) => {
      if (head.length > 0) connection.unshift(head);
      resolve(connection);
    });
    outgoing.once('response', (answer: IncomingMessage) => {
      accepted(answer).then(() => {
        reject(new Error('the engine did not hand the connection over'));
      }, reject);
    });
    outgoing.once('error', reject);
  });
}

async function accepted(answer: IncomingMessage): Promise<IncomingMessage> {
  const status = answer.statusCode ?? 0;
  if (status < 300) return answer;
  throw new EngineRefusal({ status, said: messageIn({ status, body: await bodyOf(answer) }) });
}
