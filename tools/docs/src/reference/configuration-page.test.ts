import { expect, it } from 'vitest';

import { type JsonSchema, rowsOf } from './configuration-page.ts';

it('has a row for every key, forms of a value together', () => {
  const schema: JsonSchema = {
    type: 'object',
    properties: {
      port: { type: 'integer', minimum: 1, maximum: 65_535, default: 8080, description: 'where it listens' },
      limits: { type: 'object', additionalProperties: { type: 'object', properties: { soft: { type: 'number' } } } },
      tags: { type: 'array', items: { type: 'string' } },
      database: {
        oneOf: [
          { type: 'object', properties: { adapter: { const: 'sqlite' }, file: { type: 'string' } } },
          { type: 'object', properties: { adapter: { const: 'mysql' }, host: { type: 'string' } } },
        ],
      },
      service: { $ref: '#/definitions/service' },
    },
  };
  expect(
    rowsOf(schema, '').map(({ path, type, fallback, description }) => [path, type, fallback, description]),
  ).toEqual([
    ['port', 'integer from 1 to 65535', '`8080`', 'Where it listens.'],
    ['limits', 'map of object', '', ''],
    ['limits.<name>.soft', 'number', '', ''],
    ['tags', 'list of string', '', ''],
    ['database', 'object', '', ''],
    ['database.adapter', '`"sqlite"` or `"mysql"`', '', ''],
    ['database.file', 'string', '', ''],
    ['database.host', 'string', '', ''],
    ['service', '[service](#a-service)', '', ''],
  ]);
});

it('tells many keys that hold the same together', () => {
  const hook: JsonSchema = { type: 'object', properties: { command: { type: 'string' } } };
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  const rows = rowsOf({ properties: Object.fromEntries(names.map((name) => [name, hook])) }, 'hooks');
  expect(rows.map(({ path, description }) => [path, description])).toEqual([
    ['hooks.<key>', 'One of `a`, `b`, `c`, `d`, `e`, `f`, `g`.'],
    ['hooks.<key>.command', ''],
  ]);
});
