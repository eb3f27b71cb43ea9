import { once } from 'node:events';
import { createServer } from 'node:net';

import { expect, it, onTestFinished } from 'vitest';

import { findPort, SlotPorts } from './ports.ts';

it('finds the same port for the same purpose, unless it was given to another', async () => {
  const purpose = 'a test of ports';
  const port = await findPort({ purpose, taken: new Set() });
  expect(await findPort({ purpose, taken: new Set() })).toBe(port);
  expect(await findPort({ purpose, taken: new Set([port]) })).not.toBe(port);
});

it('passes over a port on which somebody listens', async () => {
  const purpose = 'another test of ports';
  const port = await findPort({ purpose, taken: new Set() });
  const server = createServer().listen(port, '127.0.0.1');
  onTestFinished(() => {
    server.close();
  });
  await once(server, 'listening');
  expect(await findPort({ purpose, taken: new Set() })).not.toBe(port);
});

it('says so when every port is taken', async () => {
  const taken = new Set(Array.from({ length: 65_536 }, (_, port) => port));
  await expect(findPort({ purpose: 'none left', taken })).rejects.toMatchObject({ code: 'BLUEGREEN_PORT_IN_USE' });
});

it('gives no port twice, also when hundreds of slots ask at once', async () => {
  const ports = new SlotPorts({ scope: 'a test', reserved: () => [] });
  const given = await Promise.all(Array.from({ length: 400 }, (_, index) => ports.give(`service-${index}.blue`)));
  expect(new Set(given).size).toBe(400);
});

it('gives no port that is reserved or that another slot kept, and the same one again', async () => {
  const first = await new SlotPorts({ scope: 'a test', reserved: () => [] }).give('api.blue');
  const reserving = new SlotPorts({ scope: 'a test', reserved: () => [first] });
  expect(await reserving.give('api.blue')).not.toBe(first);
  const keeping = new SlotPorts({ scope: 'a test', reserved: () => [] });
  keeping.keep('web.blue', first);
  expect(await keeping.give('api.blue')).not.toBe(first);
  keeping.keep('api.blue', first);
  expect(await keeping.give('web.blue')).not.toBe(first);
});
