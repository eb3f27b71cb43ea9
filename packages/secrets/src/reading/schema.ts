import { invalidSecrets } from '../errors.ts';

/**
 * What the schemas of zod, valibot, arktype and others have in common: https://standardschema.dev, as much of it as is
 * used here.
 */
export interface Schema<Output> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
  };
}

export type SchemaResult<Output> =
  { readonly value: Output; readonly issues?: undefined } | { readonly issues: readonly SchemaIssue[] };

export interface SchemaIssue {
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

export interface Validation<Output> {
  readonly schema: Schema<Output>;
  readonly value: unknown;
  /** Where something is, in words of the caller's; from the path in the value. */
  readonly place: (path: readonly string[]) => string;
}

/**
 * The value as the schema makes it. Throws `SECRETS_INVALID` with the place of every problem and nothing of what the
 * schema says, which may quote the value.
 */
export async function validated<Output>({ schema, value, place }: Validation<Output>): Promise<Output> {
  const result = await resultOf(schema, value);
  if (result === undefined) throw invalidSecrets([`${place([])}: the schema itself failed`]);
  if (result.issues === undefined) return result.value;
  throw invalidSecrets([...new Set(result.issues.map(({ path = [] }) => place(path.map(segment))))]);
}

async function resultOf<Output>(schema: Schema<Output>, value: unknown): Promise<SchemaResult<Output> | undefined> {
  try {
    return await schema['~standard'].validate(value);
  } catch {
    return undefined;
  }
}

function segment(part: PropertyKey | { readonly key: PropertyKey }): string {
  return String(typeof part === 'object' ? part.key : part);
}
