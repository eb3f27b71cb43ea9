import { join, relative } from 'node:path';

import { describe, expect, it } from 'vitest';

import { loadRegistry, resolveEnvironment } from '../../src/index.ts';
import { folderWith } from './temporary-folder.ts';

const registry = (services: string, include: readonly string[] = []) => `
include: ${JSON.stringify(include)}
project: shop
services: ${services}
environments: { demo: { runtime: embedded, proxy: { port: 0 } } }
`;

describe('the files that a registry is made of', () => {
  it('are those it includes, and what modules import by relative paths, also through others', async () => {
    const folder = await folderWith({
      'maestro.config.mjs': `
        import { isAbsolute } from 'node:path';
        import { services } from './registry/services.mjs';
        export default { include: ['other.yaml'], project: isAbsolute('/') ? 'shop' : 'none', services, environments: {} };`,
      'registry/services.mjs': `
        import api from "../api/service.json" with { type: 'json' };
        export * from './more.mjs';
        // import './gone.mjs';
        export const services = { api };`,
      'registry/more.mjs': `export const more = (await import('./services.mjs')).services;`,
      'api/service.json': JSON.stringify({ context: 'api', command: ['node', 'api.ts'] }),
      'other.yaml': 'environments: { demo: { runtime: embedded, proxy: { port: 0 } } }',
    });
    const { files } = await loadRegistry({ cwd: folder });
    expect(files.map((file) => relative(folder, file)).toSorted()).toEqual([
      'api/service.json',
      'maestro.config.mjs',
      'other.yaml',
      'registry/gone.mjs',
      'registry/more.mjs',
      'registry/services.mjs',
    ]);
  });
});

describe('a registry as it was at another time', () => {
  const now = { 'maestro.config.yaml': registry('{}'), 'new.yaml': 'services: {}' };
  const texts = (before: Readonly<Record<string, string>>, folder: string) => (file: string) =>
    Promise.resolve(before[relative(folder, file)]);

  it('is read from texts alone, with what it included then', async () => {
    const folder = await folderWith(now);
    const before = {
      'maestro.config.yaml': registry('{ web: { context: web, command: [web] } }', ['old.json']),
      'old.json': JSON.stringify({ services: { api: { context: 'api', command: ['api'] } } }),
    };
    const loaded = await loadRegistry({ cwd: folder, textOf: texts(before, folder) });
    expect(loaded.files.map((file) => relative(folder, file))).toEqual(['maestro.config.yaml', 'old.json']);
    const { services } = resolveEnvironment(loaded, 'demo');
    expect(services.map(({ contextFolder }) => contextFolder)).toEqual([join(folder, 'api'), join(folder, 'web')]);
  });

  it('needs what was there then, and cannot be a module', async () => {
    const folder = await folderWith({ ...now, 'maestro.config.mjs': 'export default {};' });
    const included = { 'maestro.config.yaml': registry('{}', ['new.yaml']) };
    const config = 'maestro.config.yaml';
    const load = (before: Readonly<Record<string, string>>, name = config) =>
      loadRegistry({ cwd: folder, config: name, textOf: texts(before, folder) });
    await expect(load(included)).rejects.toMatchObject({ code: 'REGISTRY_INVALID' });
    await expect(load({})).rejects.toMatchObject({ code: 'REGISTRY_UNREADABLE' });
    await expect(load({ 'maestro.config.mjs': 'export default {};' }, 'maestro.config.mjs')).rejects.toMatchObject({
      code: 'REGISTRY_UNREADABLE',
      message: expect.stringContaining('a module can only be read as it is on the disk') as string,
    });
  });
});
