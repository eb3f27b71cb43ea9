import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import prettier from 'prettier';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

import { registryJsonSchema } from './registry-json-schema.ts';

const makeAnew = 'npx vitest run --project registry packages/registry/tests/json-schema/json-schema.test.ts --update';

const schema = registryJsonSchema();
const validator = z.fromJSONSchema(schema);

const project = fileURLToPath(new URL('../../../..', import.meta.url));

const demo = { runtime: 'embedded', proxy: { port: 0 } };

function problems(registry: unknown): readonly string[] {
  const { error } = validator.safeParse(JSON.parse(JSON.stringify(registry)));
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

it('is published as the schemas say it', async () => {
  const text = await prettier.format(JSON.stringify(schema), { parser: 'json', printWidth: 120 });
  await expect(text, `packages/registry/schema.json is not up to date: ${makeAnew}`).toMatchFileSnapshot(
    '../../schema.json',
  );
});

it('is what @maestro/registry/schema.json leads to', () => {
  expect(import.meta.resolve('@maestro/registry/schema.json')).toBe(new URL('../../schema.json', import.meta.url).href);
});

describe('registries of which the schema has nothing to say', () => {
  it.each(globSync('examples/*/maestro.config.ts', { cwd: project }))('%s', async (path) => {
    const module = (await import(`${project}/${path}`)) as { readonly default: unknown };
    expect(problems(module.default)).toEqual([]);
  });

  it('the examples of the README', async () => {
    const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
    const examples = [...readme.matchAll(/```yaml\n(.*?)```/gs)].map(([, text = '']) => parse(text) as unknown);
    expect(examples.length).toBeGreaterThan(0);
    expect(examples.flatMap(problems)).toEqual([]);
  });

  it('parts of one, and changes of what is elsewhere', () => {
    expect(problems({ services: { gateway: { container: { replicas: 2 } } } })).toEqual([]);
    expect(problems({ defaults: { image: { args: { LEVEL: '2' } } }, bases: { node: { context: '.' } } })).toEqual([]);
    const services = { api: { database: { schema: 'shop' }, health: { kind: 'command', command: ['true'] } } };
    expect(problems({ environments: { production: { services } } })).toEqual([]);
    expect(problems({ $schema: 'node_modules/@maestro/registry/schema.json', project: 'shop' })).toEqual([]);
  });
});

describe('registries that the schema refuses', () => {
  it.each<[string, object]>([
    ['a misspelt key at the top', { servces: {} }],
    ['a misspelt key of a service', { services: { api: { helth: {} } } }],
    ['a misspelt key of a default', { defaults: { helth: {} } }],
    ['a misspelt key of a change', { environments: { demo: { ...demo, services: { api: { helth: {} } } } } }],
    ['a key of another database', { services: { api: { database: { adapter: 'mysql', schema: 'shop' } } } }],
    ['a strategy that there is not', { services: { api: { strategy: 'rolling' } } }],
    ['a text where a number belongs', { services: { api: { container: { replicas: '2' } } } }],
    ['a port that is none', { environments: { demo: { runtime: 'embedded', proxy: { port: 65_536 } } } }],
    ['an item of a list that lacks something', { services: { api: { container: { volumes: [{ type: 'volume' }] } } } }],
    ['a name of a secret that is none', { services: { api: { secrets: ['postgres://shop'] } } }],
  ])('%s', (_, registry) => {
    expect(problems(registry)).not.toEqual([]);
  });
});

it('says to editors what each key of a service, an environment and a registry is', () => {
  const { service, environment } = schema.definitions ?? {};
  const described = [schema, service, environment].flatMap((part) => Object.entries(part?.properties ?? {}));
  expect(described.length).toBeGreaterThan(35);
  const without = described.filter(([, key]) => typeof key !== 'object' || key.description === undefined);
  expect(without.map(([key]) => key)).toEqual([]);
});
