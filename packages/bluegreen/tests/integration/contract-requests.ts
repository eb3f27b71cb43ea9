import { once } from 'node:events';
import { request as httpRequest } from 'node:http';

import type { Slot } from '../../src/slots.ts';
import type { Answer } from './environment.ts';

/** Which slot answered; null for none. */
export function slotFrom({ status, body }: Pick<Answer, 'status' | 'body'>): Slot | null {
  return status === 200 && (body === 'blue' || body === 'green') ? body : null;
}

/** A request whose body ends when the function returned is called: only then does the service answer. */
export function beginAt(url: string): () => Promise<void> {
  const request = httpRequest(url, { method: 'POST', agent: false });
  const answered = once(request, 'response');
  request.write('begun');
  return async () => {
    request.end();
    await answered;
  };
}
