import { z } from 'zod';

import { environmentSchema, registrySchema, serviceOverrideSchema, serviceSchema } from '../../src/registry-schema.ts';
import { identityOf, type KeyComments, type ObjectKeys, readKeyComments } from './key-comments.ts';

type JsonSchema = z.core.JSONSchema.BaseSchema & { definitions?: Record<string, z.core.JSONSchema.BaseSchema> };

/** Stands in a schema until its comments are found, which are not the same everywhere a part of it is used. */
const identityKey = 'x-identity';

/** The JSON Schema of a registry file in YAML or JSON, made of the schemas that registries are checked with. */
export function registryJsonSchema(): JsonSchema {
  const parts = z.registry<{ id: string }>();
  parts.add(serviceSchema, { id: 'service' });
  parts.add(environmentSchema, { id: 'environment' });
  const schema = z.toJSONSchema(registrySchema, {
    io: 'input',
    // What editors understand.
    target: 'draft-7',
    unrepresentable: 'any',
    metadata: parts,
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema === serviceOverrideSchema) jsonSchema.$ref = '#/definitions/service';
      if (zodSchema instanceof z.ZodObject) jsonSchema[identityKey] = identityOf(keysOf(zodSchema));
    },
  });
  const { properties, definitions = {}, ...file } = new Parts(readKeyComments()).part(schema);
  const link = { description: 'Where this schema is, for editors.', type: 'string' } as const;
  return { title: 'Service registry of Maestro', ...file, properties: { $schema: link, ...properties }, definitions };
}

function keysOf({ shape }: z.ZodObject): ObjectKeys {
  return Object.fromEntries(
    Object.entries(shape).map(([key, schema]) => [
      key,
      schema instanceof z.ZodLiteral ? [...schema.values].join() : undefined,
    ]),
  );
}

class Parts {
  readonly #comments: ReadonlyMap<string, KeyComments>;

  constructor(comments: ReadonlyMap<string, KeyComments>) {
    this.#comments = comments;
  }

  /**
   * The schema of a part: what is missing may stand in another file, in the defaults, or in the service that an
   * environment changes. Only items of lists are whole, since lists are replaced whole.
   */
  part(schema: JsonSchema): JsonSchema {
    const { oneOf, ...rest } = this.#documented(schema, (inside) => this.part(inside));
    delete rest.required;
    return { ...rest, ...(oneOf === undefined ? {} : { anyOf: oneOf }) };
  }

  #whole(schema: JsonSchema): JsonSchema {
    return this.#documented(schema, (inside) => this.#whole(inside));
  }

  #documented(schema: JsonSchema, inside: (schema: JsonSchema) => JsonSchema): JsonSchema {
    const { [identityKey]: identity, properties, items, additionalProperties, definitions, ...rest } = schema;
    const { anyOf, oneOf, ...kept } = rest;
    const comments = this.#comments.get(String(identity));
    return {
      ...kept,
      ...(properties && {
        properties: changed(properties, (property, key) => described(inside(property), comments?.get(key))),
      }),
      ...(items !== undefined && {
        items: Array.isArray(items) ? items.map((item) => this.#item(item)) : this.#item(items),
      }),
      ...(additionalProperties !== undefined && {
        additionalProperties:
          typeof additionalProperties === 'object' ? inside(additionalProperties) : additionalProperties,
      }),
      ...(anyOf && { anyOf: anyOf.map(inside) }),
      ...(oneOf && { oneOf: oneOf.map(inside) }),
      ...(definitions && { definitions: changed(definitions, inside) }),
    };
  }

  #item(item: JsonSchema | boolean): JsonSchema | boolean {
    return typeof item === 'object' ? this.#whole(item) : item;
  }
}

function described({ description, $ref, ...schema }: JsonSchema, comment = description): JsonSchema {
  return {
    ...(comment === undefined ? {} : { description: comment }),
    // Beside `$ref` editors see nothing else.
    ...($ref === undefined ? {} : comment === undefined ? { $ref } : { allOf: [{ $ref }] }),
    ...schema,
  };
}

function changed<Schema extends JsonSchema | boolean>(
  schemas: Readonly<Record<string, Schema>>,
  change: (schema: JsonSchema, key: string) => JsonSchema,
): Record<string, JsonSchema | Schema> {
  return Object.fromEntries(
    Object.entries(schemas).map(([key, schema]) => [key, typeof schema === 'object' ? change(schema, key) : schema]),
  );
}
