import { connect } from 'node:net';

import type { TcpProbe } from '../../ports/probe.ts';
import { connectionFailure, noAnswer } from '../http/connection-failure.ts';

/** Probes whether a port takes connections. */
export const tcpProbe: TcpProbe = ({ address, timeoutMs, signal }) =>
  new Promise((resolve) => {
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const socket = connect({ ...address, signal: deadline });
    socket.once('connect', () => {
      resolve({ healthy: true });
      socket.destroy();
    });
    socket.on('error', (error) => {
      resolve(deadline.aborted ? noAnswer(timeoutMs) : connectionFailure(error));
    });
  });
