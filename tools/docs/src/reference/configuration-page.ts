import { code, renderPage, sentence, table } from './markdown-page.ts';

/** The part of JSON Schema that the registry's schema uses. */
export interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema | readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly $ref?: string;
  readonly definitions?: Readonly<Record<string, JsonSchema>>;
}

interface Row {
  readonly path: string;
  readonly type: string;
  readonly fallback: string;
  readonly description: string;
}

// Longer ones say nothing that the description does not.
const shownPattern = 24;
const mostAlike = 6;

/** The registry's file: every key with its type, what it is by default, and what it means. */
export function configurationPage(schema: JsonSchema): string {
  const { service = {}, environment = {} } = schema.definitions ?? {};
  return renderPage({
    title: 'The configuration',
    from: 'packages/registry/schema.json',
    body: [
      'The registry file is `maestro.config.ts`, `.mts`, `.js`, `.mjs`, `.json`, `.yaml` or `.yml`, found upwards of where a ' +
        'command runs. [@maestro/registry](../../packages/registry/README.md) tells how it is read; editors check YAML and JSON ' +
        'files against [its JSON Schema](../../packages/registry/schema.json).',
      'In keys `<name>` is a name of your own, `<key>` one of those its row lists, and `[]` an entry of a list.',
      '## The file',
      rowsTable(rowsOf(schema, '')),
      '## A service',
      'Below `services.<name>`, and the same keys below `defaults` and `environments.<name>.services.<name>`.',
      rowsTable(rowsOf(service, '')),
      '## An environment',
      'Below `environments.<name>`.',
      rowsTable(rowsOf(environment, '')),
    ],
  });
}

/** One row a path; what several forms of a value have in common is told once. */
export function rowsOf(schema: JsonSchema, prefix: string): readonly Row[] {
  const rows = new Map<string, Row>();
  for (const row of nested(schema, prefix)) {
    const before = rows.get(row.path);
    rows.set(row.path, before === undefined ? row : together(before, row));
  }
  return [...rows.values()];
}

function together(one: Row, other: Row): Row {
  const joined = (key: keyof Row, by: string) =>
    [...new Set([one[key], other[key]].filter((text) => text !== ''))].join(by);
  return {
    path: one.path,
    type: joined('type', ' or '),
    fallback: joined('fallback', ' or '),
    description: joined('description', ' '),
  };
}

function nested(schema: JsonSchema, prefix: string): readonly Row[] {
  const at = (name: string) => (prefix === '' ? name : `${prefix}.${name}`);
  const { properties = {}, additionalProperties, items } = schema;
  return [
    ...alike(properties).flatMap(([name, one]) => rowsAt(at(name), one)),
    ...(typeof additionalProperties === 'object' && hasKeys(additionalProperties)
      ? nested(additionalProperties, at('<name>'))
      : []),
    ...listOf(items).flatMap((item) => (hasKeys(item) ? nested(item, `${prefix}[]`) : [])),
    ...formsOf(schema).flatMap((form) => nested(form, prefix)),
  ];
}

/** Keys that hold the same, when there are many of them, are told together. */
function alike(properties: Readonly<Record<string, JsonSchema>>): readonly (readonly [string, JsonSchema])[] {
  const groups = new Map<string, [string, JsonSchema][]>();
  for (const [name, schema] of Object.entries(properties)) {
    const key = JSON.stringify(schema);
    groups.set(key, [...(groups.get(key) ?? []), [name, schema]]);
  }
  return [...groups.values()].flatMap((group): readonly (readonly [string, JsonSchema])[] => {
    const [, schema = {}] = group[0] ?? [];
    if (group.length <= mostAlike || !hasKeys(schema)) return group;
    const names = group.map(([name]) => code(name)).join(', ');
    return [['<key>', { ...schema, description: `One of ${names}. ${schema.description ?? ''}` }]];
  });
}

function rowsAt(path: string, schema: JsonSchema): readonly Row[] {
  const { description = '' } = schema;
  const fallback = schema.default === undefined || isEmpty(schema.default) ? '' : code(JSON.stringify(schema.default));
  return [{ path, type: typeOf(schema), fallback, description: sentence(description) }, ...nested(schema, path)];
}

function typeOf(schema: JsonSchema): string {
  if (schema.$ref !== undefined) return `[${nameIn(schema.$ref)}](#${anchorIn(schema.$ref)})`;
  if (schema.const !== undefined) return code(JSON.stringify(schema.const));
  if (schema.enum !== undefined) return schema.enum.map((one) => code(String(one))).join(', ');
  const forms = formsOf(schema);
  if (forms.length > 0) return [...new Set(forms.map(typeOf))].join(' or ');
  switch (schema.type) {
    case 'array':
      return `list of ${[...new Set(listOf(schema.items).map(typeOf))].join(' or ')}`;
    case 'object':
      return typeof schema.additionalProperties === 'object' && schema.properties === undefined
        ? `map of ${typeOf(schema.additionalProperties)}`
        : 'object';
    case 'integer':
    case 'number':
      return `${schema.type}${rangeOf(schema)}`;
    case 'string':
      return schema.pattern !== undefined && schema.pattern.length <= shownPattern && schema.pattern !== '.'
        ? `string ${code(schema.pattern)}`
        : 'string';
    default:
      return schema.type ?? 'anything';
  }
}

function rangeOf({ minimum, maximum, exclusiveMinimum }: JsonSchema): string {
  const largest = maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? '' : ` to ${maximum}`;
  if (exclusiveMinimum !== undefined && minimum === undefined) return ` above ${exclusiveMinimum}${largest}`;
  const smallest = minimum === undefined || minimum <= Number.MIN_SAFE_INTEGER ? '' : ` from ${minimum}`;
  return `${smallest}${largest}`;
}

/** The alternatives of a value; those that only say which keys go together are not told. */
function formsOf({ anyOf = [], oneOf = [], allOf = [] }: JsonSchema): readonly JsonSchema[] {
  const told = ['type', '$ref', 'const', 'anyOf', 'oneOf'];
  return [...anyOf, ...oneOf, ...allOf].filter((form) => told.some((key) => key in form));
}

/** Whether there is something below it to tell; what is referred to has a table of its own. */
function hasKeys(schema: JsonSchema): boolean {
  return schema.properties !== undefined || formsOf(schema).some(hasKeys) || schema.items !== undefined;
}

function listOf(items: JsonSchema['items']): readonly JsonSchema[] {
  if (items === undefined) return [];
  return Array.isArray(items) ? (items as readonly JsonSchema[]) : [items as JsonSchema];
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function nameIn(reference: string): string {
  return reference.split('/').at(-1) ?? reference;
}

function anchorIn(reference: string): string {
  const name = nameIn(reference);
  return /^[aeiou]/.test(name) ? `an-${name}` : `a-${name}`;
}

function rowsTable(rows: readonly Row[]): string {
  return table(
    ['key', 'type', 'default', 'meaning'],
    rows.map(({ path, type, fallback, description }) => [code(path), type, fallback, description]),
  );
}
