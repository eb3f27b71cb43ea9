import { z } from 'zod';

import { isRecord } from '../plan/merge.ts';
import { nearestName } from '../plan/nearest-name.ts';
import type { Problem, ProblemPath } from './problem.ts';

/** Everything in `value` that the schema does not allow. */
export function schemaProblems(schema: z.ZodType, value: unknown): Problem[] {
  const { error } = schema.safeParse(value);
  return (error?.issues ?? []).flatMap((issue): Problem[] => {
    const path = issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key));
    switch (issue.code) {
      case 'unrecognized_keys':
        return issue.keys.map((key) => ({
          path: [...path, key],
          message: unknownKey(key, knownKeys(schema, value, path)),
        }));
      case 'invalid_key':
        return issue.issues.map(({ message }) => ({ path, message }));
      default:
        return [{ path, message: issue.message }];
    }
  });
}

function unknownKey(key: string, known: readonly string[]): string {
  const near = nearestName(key, known);
  const advice = near === undefined ? `expected one of ${known.join(', ')}` : `did you mean "${near}"?`;
  return `unknown key, ${advice}`;
}

/** The keys there are at a place; which of several there can be depends on the value. */
function knownKeys(schema: z.core.$ZodType | undefined, value: unknown, path: ProblemPath): string[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return knownKeys(schema.unwrap(), value, path);
  }
  if (schema instanceof z.ZodUnion) {
    const fitting = schema.options.filter((option: z.core.$ZodType) => isSameKind(option, value));
    return [...new Set(fitting.flatMap((option: z.core.$ZodType) => knownKeys(option, value, path)))];
  }
  const [key, ...rest] = path;
  if (schema instanceof z.ZodArray) {
    return knownKeys(schema.element, Array.isArray(value) ? value[Number(key)] : undefined, rest);
  }
  const inside = key !== undefined && isRecord(value) ? value[key] : undefined;
  if (schema instanceof z.ZodRecord) return knownKeys(schema.valueType, inside, rest);
  if (!(schema instanceof z.ZodObject)) return [];
  const shape: z.core.$ZodShape = schema.shape;
  return key === undefined ? Object.keys(shape) : knownKeys(shape[key], inside, rest);
}

/** Alternatives are told apart by their adapter, source or type, where they have one. */
function isSameKind(option: z.core.$ZodType, value: unknown): boolean {
  const shape: z.core.$ZodShape = option instanceof z.ZodObject ? option.shape : {};
  return ['adapter', 'source', 'type'].every((key) => {
    const kind = shape[key];
    return !(kind instanceof z.ZodLiteral) || (isRecord(value) && kind.values.has(value[key] as string));
  });
}
