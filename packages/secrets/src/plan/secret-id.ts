import type { StoredSecret } from '../ports/secret-store.ts';

/** What is asked for: a secret, or one key of a secret that is a JSON object. */
export interface SecretId {
  /** As the store knows it. */
  readonly name: string;
  readonly key: string | undefined;
}

/** Reads `name` and `name#key`; no store allows a `#` in a name. */
export function parseSecretId(id: string): SecretId {
  const at = id.indexOf('#');
  return at <= 0 ? { name: id, key: undefined } : { name: id.slice(0, at), key: id.slice(at + 1) };
}

/** The text that an id stands for, before its references are followed; undefined where the secret has no such key. */
export function textOf({ value, encoding }: StoredSecret, key: string | undefined): string | undefined {
  if (key === undefined) return value.reveal();
  return encoding === 'text' ? jsonKey(value.reveal(), key) : undefined;
}

/** A string as it is, anything else as JSON; undefined where there is nothing, or `null`. */
function jsonKey(text: string, key: string): string | undefined {
  const numbers = new Map<unknown, string>();
  const document = parsed(text, function (this: unknown, name, value, context) {
    // As it is written: beyond 2^53 the parsed number is another one.
    if (name === key && typeof value === 'number' && context !== undefined) numbers.set(this, context.source);
    return value;
  });
  if (!isObject(document) || !Object.hasOwn(document, key)) return undefined;
  const value = document[key];
  if (value === null) return undefined;
  if (typeof value === 'number') return numbers.get(document) ?? String(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

type Reviver = (this: unknown, name: string, value: unknown, context?: { readonly source: string }) => unknown;

function parsed(text: string, reviver: Reviver): unknown {
  try {
    return JSON.parse(text, reviver);
  } catch {
    // The parser's message quotes the secret.
    return undefined;
  }
}
