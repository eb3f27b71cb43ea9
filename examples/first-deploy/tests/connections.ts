import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

import { expect } from 'vitest';

/** A request on a connection of its own whose rest is still to come. */
export interface BegunRequest {
  /** Sends the rest; the whole answer, once the server has closed the connection. */
  finish(rest: string): Promise<string>;
}

export async function beginRequest(url: string, start: string): Promise<BegunRequest> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  socket.write(start);
  // The server reads in the order of arrival: once a later request is answered, the start of this one was read.
  await fetch(`${url}/version`);
  return {
    finish(rest) {
      socket.write(rest);
      return text(socket);
    },
  };
}

export async function refusesConnections(url: string): Promise<void> {
  const attempt = () =>
    fetch(`${url}/health`).then(
      () => 'accepted',
      () => 'refused',
    );
  await expect.poll(attempt).toBe('refused');
}
