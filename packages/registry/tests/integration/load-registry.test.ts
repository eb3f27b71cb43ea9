import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { isMaestroError } from '@maestro/core';
import { describe, expect, it } from 'vitest';

import { loadRegistry, type LoadRegistryOptions, resolveEnvironment } from '../../src/index.ts';
import { folderWith } from './temporary-folder.ts';

const yaml = `# The shop.
project: shop
services:
  web:
    context: services/web
    command: [node, main.ts]
    dependsOn: [api]
    route: { path: / }
  api:
    context: services/api
    command:
      - node
      - main.ts
environments:
  demo:
    runtime: embedded
    proxy: { port: 0 }
`;

const json = JSON.stringify(
  {
    project: 'shop',
    services: { api: { context: 'api', command: ['node'] } },
    environments: { demo: { runtime: 'embedded', proxy: { port: 0 } } },
  },
  undefined,
  2,
);

describe('loadRegistry', () => {
  it.each([
    ['maestro.config.yaml', yaml],
    ['maestro.config.yml', yaml],
    ['maestro.config.json', json],
  ])('reads %s', async (name, text) => {
    const folder = await folderWith({ [name]: text });
    const loaded = await loadRegistry({ cwd: folder });
    expect(loaded).toMatchObject({ file: join(folder, name), root: folder, registry: { project: 'shop' } });
    expect(resolveEnvironment(loaded, 'demo').services[0]?.name).toBe('api');
  });

  it('follows anchors and aliases of YAML', async () => {
    const text = yaml
      .replace('command: [node, main.ts]', 'command: &run [node, web.ts]')
      .replace(/command:\n.*\n.*/, 'command: *run');
    const { registry } = await loadRegistry({ cwd: await folderWith({ 'maestro.config.yaml': text }) });
    expect(registry.services.api?.command).toEqual(['node', 'web.ts']);
  });

  it('follows as many aliases of one anchor as there are services', async () => {
    const more = Array.from(
      { length: 200 },
      (_, n) => `  more-${n}: { context: more, command: *run, route: { path: /${n} } }`,
    );
    const text = yaml
      .replace('command: [node, main.ts]', 'command: &run [node, web.ts]')
      .replace('environments:', `${more.join('\n')}\nenvironments:`);
    const { registry } = await loadRegistry({ cwd: await folderWith({ 'maestro.config.yaml': text }) });
    expect(registry.services['more-199']?.command).toEqual(['node', 'web.ts']);
  });

  it('searches upwards, and takes the nearest file', async () => {
    const folder = await folderWith({
      'maestro.config.json': json.replace('shop', 'outer'),
      'project/maestro.config.yaml': yaml,
    });
    const below = join(folder, 'project', 'services', 'api');
    await mkdir(below, { recursive: true });
    expect((await loadRegistry({ cwd: below })).file).toBe(join(folder, 'project', 'maestro.config.yaml'));
  });

  it('takes a folder of the name of a registry for no registry', async () => {
    const folder = await folderWith({ 'maestro.config.ts/readme': '', 'maestro.config.yaml': yaml });
    expect((await loadRegistry({ cwd: folder })).file).toBe(join(folder, 'maestro.config.yaml'));
  });

  it('reads the file that is named, from the current folder', async () => {
    const folder = await folderWith({ 'maestro.config.json': json, 'config/shop.yaml': yaml });
    const { file, root } = await loadRegistry({ config: 'config/shop.yaml', cwd: folder });
    expect([file, root]).toEqual([join(folder, 'config/shop.yaml'), join(folder, 'config')]);
  });

  it('says where it looked when there is no registry', async () => {
    const folder = await folderWith({});
    await expect(failure({ cwd: folder })).resolves.toEqual({
      code: 'REGISTRY_NOT_FOUND',
      hint: 'write a maestro.config.ts beside the services, or name one: maestro --config <file>',
      message: 'no maestro.config.{ts,mts,js,mjs,json,yaml,yml} ' + `in ${folder} or a folder above it`,
    });
    await expect(failure({ cwd: folder, config: 'shop.yaml' })).resolves.toMatchObject({
      code: 'REGISTRY_NOT_FOUND',
      message: `there is no file ${folder}/shop.yaml`,
    });
  });

  it('refuses a file of another kind', async () => {
    const folder = await folderWith({ 'shop.toml': '' });
    await expect(failure({ cwd: folder, config: 'shop.toml' })).resolves.toMatchObject({
      code: 'REGISTRY_UNREADABLE',
      message: `${folder}/shop.toml: expected a file that ends in .ts, .mts, .js, .mjs, .json, .yaml or .yml`,
    });
  });

  it('stops before it reads anything when it is aborted', async () => {
    const signal = AbortSignal.abort(new Error('interrupted'));
    await expect(loadRegistry({ cwd: '/nowhere', signal })).rejects.toThrow('interrupted');
  });
});

describe('a mistake in the syntax', () => {
  it.each([
    ['a.yaml', 'project: shop\n  services: {', '1:10: not YAML: Nested mappings are not allowed in compact mappings'],
    ['a.yaml', 'project: shop\nproject: other', '2:1: not YAML: Map keys must be unique'],
    ['a.yaml', 'shop:\n  TOKEN: |hunter2', '2:11: not YAML: Block scalar header includes extra characters'],
    ['a.yaml', 'TOKEN: !hunter2 x', '1:8: not YAML: Unresolved tag'],
    ['a.yaml', 'TOKEN: "x" hunter2', '1:12: not YAML: Unexpected scalar at node end'],
    ['a.json', '{\n  "project": "shop",\n}', '3:1: not JSON from here on'],
    ['a.json', '{\n  "TOKEN": hunter2\n}', '2:12: not JSON from here on'],
    ['a.json', '{ "project": "shop", "project": "other" }', '1:22: not JSON: Map keys must be unique'],
  ])('is shown with its place, and without what is there: %s %j', async (name, text, problem) => {
    const folder = await folderWith({ [name]: text });
    const { code, message } = await failure({ cwd: folder, config: name });
    expect({ code, message }).toEqual({ code: 'REGISTRY_UNREADABLE', message: `${folder}/${name}:${problem}` });
  });

  it('is shown without the name of an alias, which may be a secret that starts with a star', async () => {
    const folder = await folderWith({ 'a.yaml': 'TOKEN: *hunter2' });
    const { code, message } = await failure({ cwd: folder, config: 'a.yaml' });
    expect(code).toBe('REGISTRY_UNREADABLE');
    expect(message).toBe(`${folder}/a.yaml: not YAML: Unresolved alias (the anchor must be set before the alias)`);
  });
});

describe('problems of a registry', () => {
  it('are listed all at once, in the order of the file, with line and column', async () => {
    const text = yaml
      .replace('route: { path: / }', 'route: { path: shop }')
      .replace('      - main.ts', '      - 7\n    helth: {}')
      .replace('port: 0', 'prt: 0');
    const folder = await folderWith({ 'maestro.config.yaml': text });
    const { message, hint } = await failure({ cwd: folder });
    expect(message).toBe(
      [
        `5 problems in ${folder}/maestro.config.yaml:`,
        '  - services.web.route.path (8:14): expected a path that starts with "/"',
        '  - services.api.command[1] (13:9): expected a string in quotes, not a number',
        '  - services.api.helth (14:5): unknown key, did you mean "health"?',
        '  - environments.demo.proxy.port (18:5): missing, expected a port from 0 (any free one) to 65535',
        '  - environments.demo.proxy.prt (18:14): unknown key, did you mean "port"?',
      ].join('\n'),
    );
    expect(hint).toBe(`correct ${folder}/maestro.config.yaml at the places listed`);
  });

  it('are given to programs as data', async () => {
    const folder = await folderWith({ 'maestro.config.json': json.replace('"api"', '"../api"') });
    const error: unknown = await loadRegistry({ cwd: folder }).catch((reason: unknown) => reason);
    expect(isMaestroError(error, 'REGISTRY_INVALID') && error.details).toEqual({
      file: join(folder, 'maestro.config.json'),
      problems: [
        {
          path: 'services["../api"]',
          line: 4,
          column: 5,
          message: expect.stringContaining('expected a name of at most 41') as string,
        },
      ],
    });
  });

  it('are found in a file that is empty, and behind an alias', async () => {
    const empty = await folderWith({ 'maestro.config.yaml': '' });
    expect((await failure({ cwd: empty })).message).toContain('the registry (1:1): expected an object');
    const alias = yaml.replace('context: services/web', 'context: &up ../x').replace('services/api', '*up');
    const folder = await folderWith({ 'maestro.config.yaml': alias });
    const { message } = await failure({ cwd: folder });
    expect(message).toContain('services.web.context (5:5)');
    expect(message).toContain('services.api.context (10:5)');
  });
});

async function failure(options: LoadRegistryOptions) {
  const error: unknown = await loadRegistry(options).then(
    () => new Error('the registry was loaded'),
    (reason: unknown) => reason,
  );
  if (!isMaestroError(error)) throw error;
  return { code: error.code, message: error.message, hint: error.hint };
}
