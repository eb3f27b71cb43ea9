import { join } from 'node:path';

import { expect, it } from 'vitest';

import { usedBases } from '../../src/index.ts';
import { gitRepository } from './git-fixture.ts';

it('names the bases of each service, those of its bases too, as a commit or the working tree has them', async () => {
  const { root, write, commit } = gitRepository();
  write('bases/node/Dockerfile', 'ARG VERSION=24\nFROM node:${VERSION}\n');
  write('bases/tools/Dockerfile', 'FROM shop-node:24\n');
  write('bases/none/Dockerfile', 'FROM scratch\n');
  write('api/Dockerfile', 'ARG BASE=tools\nFROM shop-${BASE} AS build\nFROM scratch\nCOPY --from=build / /\n');
  write('web/Dockerfile', 'FROM nginx\n# FROM shop-none\n');
  commit();
  write('web/Dockerfile', 'FROM shop-none\n');
  const recipe = (name: string, folder = name) => ({ name, context: join(root, folder) });
  const options = {
    project: 'shop',
    services: [recipe('api'), recipe('web')],
    bases: ['node', 'tools', 'none'].map((name) => recipe(name, `bases/${name}`)),
  };
  expect(await usedBases({ ...options, ref: 'HEAD' })).toEqual({ api: ['tools', 'node'], web: [] });
  expect(await usedBases(options)).toEqual({ api: ['tools', 'node'], web: ['none'] });
});
