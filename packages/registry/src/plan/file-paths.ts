import { z } from 'zod';

import type { ProblemPath } from '../checks/problem.ts';
import { registrySchema, serviceOverrideSchema, serviceSchema } from '../registry-schema.ts';
import { type PathKind, pathKind } from '../schema-parts.ts';
import { isRecord } from './merge.ts';

/** A path from a registry file, at its place in the registry. */
export interface FilePath {
  readonly path: ProblemPath;
  readonly kind: PathKind;
  readonly value: string;
}

/** All paths that a registry, checked or not, has from the files that it is written in. */
export function filePathsIn(registry: unknown): readonly FilePath[] {
  return search(registrySchema, registry, []);
}

/** The registry with other paths in place of those that `change` gives any for. */
export function withFilePaths<T>(registry: T, change: (found: FilePath) => string): T {
  const changed = filePathsIn(registry)
    .map((found) => ({ ...found, other: change(found) }))
    .filter(({ value, other }) => other !== value);
  if (changed.length === 0) return registry;
  const copy = structuredClone(registry);
  for (const { path, other } of changed) {
    const around = path.slice(0, -1).reduce<unknown>(valueAt, copy) as Record<string | number, unknown>;
    around[path.at(-1) ?? ''] = other;
  }
  return copy;
}

function search(schema: z.core.$ZodType | undefined, value: unknown, path: ProblemPath): readonly FilePath[] {
  if (schema === undefined || value === undefined || !holdsPaths(schema)) return [];
  const kind = pathKind(schema);
  if (kind !== undefined) return typeof value === 'string' ? [{ path, kind, value }] : [];
  if (schema === serviceOverrideSchema) return search(serviceSchema, value, path);
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return search(schema.unwrap(), value, path);
  }
  if (schema instanceof z.ZodUnion) {
    const found = schema.options.flatMap((option: z.core.$ZodType) => search(option, value, path));
    return [...new Map(found.map((one) => [JSON.stringify(one.path), one])).values()];
  }
  if (schema instanceof z.ZodArray) {
    const { element } = schema;
    return Array.isArray(value) ? value.flatMap((item, index) => search(element, item, [...path, index])) : [];
  }
  if (!isRecord(value)) return [];
  const shape: z.core.$ZodShape = schema instanceof z.ZodObject ? schema.shape : {};
  return Object.entries(value).flatMap(([key, inside]) => {
    const known = schema instanceof z.ZodRecord ? schema.valueType : Object.hasOwn(shape, key) ? shape[key] : undefined;
    return search(known, inside, [...path, key]);
  });
}

const holders = new WeakMap<z.core.$ZodType, boolean>();

/** Most of a registry has none, and need not be looked at. */
function holdsPaths(schema: z.core.$ZodType): boolean {
  const known = holders.get(schema) ?? (pathKind(schema) !== undefined || partsOf(schema).some(holdsPaths));
  holders.set(schema, known);
  return known;
}

function partsOf(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  if (schema === serviceOverrideSchema) return [serviceSchema];
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return [schema.unwrap()];
  }
  if (schema instanceof z.ZodUnion) return schema.options;
  if (schema instanceof z.ZodArray) return [schema.element];
  if (schema instanceof z.ZodRecord) return [schema.valueType];
  return schema instanceof z.ZodObject ? Object.values<z.core.$ZodType>(schema.shape) : [];
}

function valueAt(value: unknown, key: string | number): unknown {
  return (value as Readonly<Record<string | number, unknown>>)[key];
}
