import { expect, it } from 'vitest';

import type { Configuration } from '../src/parts/configured-server.ts';
import { haproxy } from '../src/parts/haproxy.ts';
import { describeWith } from '../src/vitest.ts';
import { openOwnSuite, ownServerContract } from './own-server-contract.ts';
import { proxyContract } from './proxy-contract.ts';

const answering =
  (text: string): Configuration =>
  (port) => `
defaults
  mode http
  timeout connect 5s
  timeout client 5s
  timeout server 5s

frontend all
  bind 127.0.0.1:${port}
  http-request return status 200 content-type text/plain string "${text}"
`;

const wrong: Configuration = (port) => `frontend all
  bind 127.0.0.1:${port}
  mode http
  modde http
`;

describeWith('HAProxy', ['haproxy'], () => {
  ownServerContract({
    part: haproxy,
    serve: async (suite) => (await suite.start({ config: answering('served') })).port,
  });

  proxyContract({ part: haproxy, answering, wrong, complaint: /\[\S+:4\] : unknown keyword 'modde'/ });

  it('is given as a program to those who run it themselves', async () => {
    const { suite, programs } = await openOwnSuite(haproxy);
    expect(suite.program).toBe(programs.haproxy);
  });
});
