import { z } from 'zod';

import { nearestName } from '../plan/nearest-name.ts';
import type { Problem, ProblemPath } from './problem.ts';

/** Everything in `value` that the schema does not allow. */
export function schemaProblems(schema: z.ZodType, value: unknown): Problem[] {
  const { error } = schema.safeParse(value);
  return (error?.issues ?? []).flatMap((issue): Problem[] => {
    const path = issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key));
    switch (issue.code) {
      case 'unrecognized_keys':
        return issue.keys.map((key) => ({ path: [...path, key], message: unknownKey(key, knownKeys(schema, path)) }));
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

function knownKeys(schema: z.core.$ZodType | undefined, path: ProblemPath): string[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return knownKeys(schema.unwrap(), path);
  }
  const [key, ...rest] = path;
  if (schema instanceof z.ZodRecord) return knownKeys(schema.valueType, rest);
  if (!(schema instanceof z.ZodObject)) return [];
  const shape: z.core.$ZodShape = schema.shape;
  return key === undefined ? Object.keys(shape) : knownKeys(shape[key], rest);
}
