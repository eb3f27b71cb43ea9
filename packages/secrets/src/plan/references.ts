import { badReference } from '../errors.ts';
import type { StoredSecret } from '../ports/secret-store.ts';
import { parseSecretId, textOf } from './secret-id.ts';

const opening = '{{maestro:';
const reference = /\{\{maestro:([^\s{}#]+(?:#[^{}]*)?)\}\}/g;
/** How many references may follow one another from the secret that is asked for. */
export const deepest = 5;
const mostCharacters = 1024 * 1024;

/** The ids that a text refers to, each once, with `{{maestro:name}}` and `{{maestro:name#key}}`. */
export function referencesIn(text: string): readonly string[] {
  if (!text.includes(opening)) return [];
  return [...new Set([...text.matchAll(reference)].flatMap(([, id]) => id ?? []))];
}

/** The secret of that name, among those that were fetched. */
export type Lookup = (name: string) => StoredSecret | undefined;

/** An id whose text is not there; `through` is the id that refers to it. */
export interface ExpansionFailure {
  readonly id: string;
  readonly reason: 'missing' | 'key-missing' | 'empty';
  readonly through: string | undefined;
}

export type Expansion =
  | { readonly text: string; readonly encoding: StoredSecret['encoding']; readonly failure?: undefined }
  | { readonly failure: ExpansionFailure };

/**
 * The text that an id stands for, with every reference in it replaced. Throws `SECRETS_BAD_REFERENCE` for one that
 * leads back to itself, goes too deep or cannot be read.
 */
export function expand(id: string, lookup: Lookup): Expansion {
  return new Expander(lookup).expand([id]);
}

class Expander {
  readonly #lookup: Lookup;
  readonly #done = new Map<string, Expansion>();

  constructor(lookup: Lookup) {
    this.#lookup = lookup;
  }

  /** @param chain - from the id that is asked for to the one to expand */
  expand(chain: readonly string[]): Expansion {
    const id = chain.at(-1) ?? '';
    const done = this.#done.get(id) ?? this.#expand(id, chain);
    this.#done.set(id, done);
    return done;
  }

  #expand(id: string, chain: readonly string[]): Expansion {
    if (chain.indexOf(id) < chain.length - 1) throw badReference(chain, 'its references lead back to itself');
    if (chain.length > deepest + 1) throw badReference(chain, `expected at most ${deepest} references in a row`);
    const { name, key } = parseSecretId(id);
    const secret = this.#lookup(name);
    const through = chain.at(-2);
    if (secret === undefined) return { failure: { id, reason: 'missing', through } };
    const text = textOf(secret, key);
    if (text === undefined) return { failure: { id, reason: 'key-missing', through } };
    if (text === '') return { failure: { id, reason: 'empty', through } };
    const { encoding } = secret;
    return text.includes(opening) ? this.#replaced(text, chain) : { text, encoding };
  }

  #replaced(text: string, chain: readonly string[]): Expansion {
    const inside = isJsonDocument(text) ? escaped : asItIs;
    let failure: ExpansionFailure | undefined;
    let length = 0;
    const replaced = text.replace(reference, (_, id: string) => {
      const expansion = this.expand([...chain, id]);
      if (expansion.failure !== undefined) failure ??= expansion.failure;
      const added = expansion.failure === undefined ? inside(expansion.text) : '';
      length += added.length;
      if (length > mostCharacters) throw badReference(chain, 'with what it refers to it is longer than 1 MiB');
      return added;
    });
    if (failure !== undefined) return { failure };
    if (text.replace(reference, '').includes(opening)) throw badReference(chain, 'a reference in it cannot be read');
    return { text: replaced, encoding: 'text' };
  }
}

/** A reference in a JSON document stands in one of its strings, and so does its text. */
function isJsonDocument(text: string): boolean {
  if (!/^\s*[[{]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function escaped(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function asItIs(text: string): string {
  return text;
}
