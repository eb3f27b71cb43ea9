import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import type { Configuration } from '../src/parts/configured-server.ts';
import { nginx } from '../src/parts/nginx.ts';
import { describeWith } from '../src/vitest.ts';
import { openOwnSuite, ownServerContract } from './own-server-contract.ts';
import { proxyContract } from './proxy-contract.ts';

const answering =
  (text: string): Configuration =>
  (port) => `
worker_processes 2;
events {}
http {
  server {
    listen 127.0.0.1:${port};
    return 200 "${text}";
  }
}
`;

const wrong: Configuration = (port) => `events {}
http {
  server {
    listten 127.0.0.1:${port};
  }
}
`;

describeWith('nginx', ['nginx'], () => {
  ownServerContract({
    part: nginx,
    serve: async (suite) => (await suite.start({ config: answering('served') })).port,
  });

  proxyContract({ part: nginx, answering, wrong, complaint: /unknown directive "listten" in \S+:4/ });

  it('writes into the folder of the suite what its configuration does not place', async () => {
    const { suite, folder } = await openOwnSuite(nginx);
    await suite.start({ config: answering('served') });
    const [server = ''] = await readdir(folder);
    const names = await readdir(join(folder, server));
    expect(names).toEqual(expect.arrayContaining(['access.log', 'client_body_temp', 'nginx.pid', 'proxy_temp']));
  });

  it('takes another port when somebody else has taken the first', async () => {
    const { suite } = await openOwnSuite(nginx);
    const first = await suite.start({ config: answering('first') });
    let attempts = 0;
    const second = await suite.start({
      config: (port) => answering('second')((attempts += 1) === 1 ? first.port : port),
    });
    expect(await fetch(second.url).then((response) => response.text())).toBe('second');
  });

  it('is given as a program to those who run it themselves', async () => {
    const { suite, programs } = await openOwnSuite(nginx);
    expect(suite.program).toBe(programs.nginx);
  });

  it('knows what routers of traffic configure', async () => {
    const { suite } = await openOwnSuite(nginx);
    const config: Configuration = (port) => `
      events {}
      http {
        map $http_upgrade $connection_upgrade { default upgrade; '' close; }
        split_clients "$request_id" $slot { 10% green; * blue; }
        upstream api_blue { server 127.0.0.1:1; keepalive 8; keepalive_timeout 2s; }
        upstream api_green { server 127.0.0.1:1; keepalive 8; }
        server {
          listen 127.0.0.1:${port} http2;
          location / { proxy_pass http://api_$slot; proxy_set_header Connection $connection_upgrade; }
          location /status { stub_status; }
        }
      }
    `;
    await expect(suite.start({ config })).resolves.toBeDefined();
  });
});
