import { createHash } from 'node:crypto';

import type { ContextFile } from '../source/context-files.ts';
import { byBytes } from '../source/image-source.ts';

/** Everything that decides what a build makes. */
export interface BuildInput {
  /** Sorted by the bytes of their paths. */
  readonly files: readonly Pick<ContextFile, 'path' | 'mode' | 'object'>[];
  /** The text of the Dockerfile. */
  readonly dockerfile: string;
  readonly target: string | undefined;
  readonly args: Readonly<Record<string, string>>;
  /** Those that were asked for. */
  readonly labels: Readonly<Record<string, string>>;
  readonly platform: string;
  readonly bases: readonly BaseIdentity[];
}

/** An image that a build starts from or copies from. */
interface BaseIdentity {
  readonly reference: string;
  readonly platform: string | undefined;
  readonly identity: string;
}

// Another number for another encoding, or for another way to build what is encoded the same.
const format = 'maestro build 1';

/** Identity of what a build makes, `sha256:…`: the same on every machine, whichever commit, folder or time it is of. */
export function buildInputHash(input: BuildInput): string {
  const { files, dockerfile, target, args, labels, platform, bases } = input;
  const encoded = [
    field(format),
    list(files.map(({ path, mode, object }) => [path, String(mode), object])),
    field(dockerfile),
    list(target === undefined ? [] : [[target]]),
    list(sortedEntries(args)),
    list(sortedEntries(labels)),
    field(platform),
    list(bases.map((base) => [base.reference, base.platform ?? '', base.identity]).sort(byFields)),
  ];
  return `sha256:${createHash('sha256').update(encoded.join('')).digest('hex')}`;
}

/** Its length stands before it, so that no two different inputs read the same. */
function field(text: string): string {
  return `${Buffer.byteLength(text)}:${text}`;
}

function list(records: readonly (readonly string[])[]): string {
  return field(String(records.length)) + records.map((fields) => fields.map(field).join('')).join('');
}

function sortedEntries(record: Readonly<Record<string, string>>): readonly (readonly string[])[] {
  return Object.entries(record).sort(byFields);
}

function byFields(a: readonly string[], b: readonly string[]): number {
  return byBytes(JSON.stringify(a), JSON.stringify(b));
}
