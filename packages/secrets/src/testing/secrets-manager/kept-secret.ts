import { exists, invalidParameter, isDeleted, notFound, validation } from './service-error.ts';

export type KeptValue = string | Uint8Array;

export interface KeptVersion {
  readonly id: string;
  readonly value: KeptValue;
  readonly stages: ReadonlySet<string>;
}

interface Version extends KeptVersion {
  readonly stages: Set<string>;
}

const mostBytes = 65_536;
const mostStages = 20;
const tokenGrammar = /^.{32,64}$/;

/** One secret as the service keeps it: its versions and which labels they have. */
export class KeptSecret {
  readonly name: string;
  readonly kmsKey: string | undefined;
  readonly tags: ReadonlyMap<string, string>;
  deletedAt: Date | undefined;
  readonly #versions = new Map<string, Version>();

  constructor(name: string, kmsKey: string | undefined, tags: ReadonlyMap<string, string>) {
    this.name = name;
    this.kmsKey = kmsKey;
    this.tags = tags;
  }

  /** Labels by version; a version without a label is deprecated and not told of. */
  get stages(): Record<string, string[]> {
    const labelled = [...this.#versions.values()].filter(({ stages }) => stages.size > 0);
    return Object.fromEntries(labelled.map(({ id, stages }) => [id, [...stages]]));
  }

  /** The version that a rotation has made and not yet made current. */
  get unfinishedRotation(): string | undefined {
    const pending = this.#at('AWSPENDING');
    return pending === undefined || pending === this.#at('AWSCURRENT') ? undefined : pending.id;
  }

  hasVersion(id: string): boolean {
    return this.#versions.has(id);
  }

  /** The version that an id and a label name together, either of them alone, or `AWSCURRENT`. */
  version(id: string | undefined, stage: string | undefined): KeptVersion {
    const label = stage ?? (id === undefined ? 'AWSCURRENT' : undefined);
    const found = id === undefined ? this.#at(label ?? '') : this.#versions.get(id);
    if (found === undefined) {
      throw notFound(
        `the specified secret value for ${id === undefined ? `staging label: ${label ?? ''}` : `VersionId: ${id}`}`,
      );
    }
    if (label !== undefined && !found.stages.has(label)) {
      throw invalidParameter('You provided a VersionStage that is not associated to the provided VersionId.');
    }
    return found;
  }

  /** Once for a token: again with the same value it does nothing, with another one it is refused. */
  put(token: string, value: KeptValue, stages: readonly string[]): string {
    checkValue(value);
    if (!tokenGrammar.test(token)) throw validation('clientRequestToken', 'Member must have length between 32 and 64');
    if (stages.length < 1 || stages.length > mostStages)
      throw validation('versionStages', `1 to ${mostStages} members`);
    const there = this.#versions.get(token);
    if (there !== undefined) {
      if (isSame(there.value, value)) return token;
      throw exists("You can't use this ClientRequestToken because that value is already in use for another version.");
    }
    const isFirst = this.#versions.size === 0;
    this.#versions.set(token, { id: token, value, stages: new Set() });
    for (const stage of new Set([...stages, ...(isFirst ? ['AWSCURRENT'] : [])])) this.#attach(stage, token);
    return token;
  }

  /** A label that is somewhere else moves only if the caller says from where: a compare and swap. */
  move(stage: string, to: string | undefined, from: string | undefined): void {
    const at = this.#at(stage)?.id;
    for (const id of [to, from]) {
      if (id !== undefined && !this.#versions.has(id))
        throw notFound(`the specified secret value for VersionId: ${id}`);
    }
    if (from !== undefined && from !== at) {
      throw invalidParameter(`The staging label ${stage} is not attached to the version in RemoveFromVersionId.`);
    }
    if (from === undefined && at !== undefined && at !== to) {
      throw invalidParameter(
        `The staging label ${stage} is attached to version ${at}: reference it in RemoveFromVersionId.`,
      );
    }
    if (to === undefined && stage === 'AWSCURRENT')
      throw invalidParameter('You can move AWSCURRENT, but not remove it.');
    if (to === undefined) this.#at(stage)?.stages.delete(stage);
    else this.#attach(stage, to);
  }

  #at(stage: string): Version | undefined {
    return [...this.#versions.values()].find(({ stages }) => stages.has(stage));
  }

  #attach(stage: string, id: string): void {
    const version = this.#versions.get(id);
    const before = this.#at(stage);
    if (version === undefined || before === version) return;
    if (version.stages.size >= mostStages)
      throw invalidParameter(`A version has at most ${mostStages} staging labels.`);
    before?.stages.delete(stage);
    version.stages.add(stage);
    // The service does this by itself, whenever AWSCURRENT moves.
    if (stage !== 'AWSCURRENT' || before === undefined) return;
    this.#at('AWSPREVIOUS')?.stages.delete('AWSPREVIOUS');
    before.stages.add('AWSPREVIOUS');
  }

  checkUsable(): void {
    if (this.deletedAt !== undefined) throw isDeleted();
  }
}

function checkValue(value: KeptValue): void {
  const { length } = Buffer.from(value);
  if (length < 1) throw validation('secretString', 'Member must have length greater than or equal to 1');
  if (length > mostBytes)
    throw validation('secretString', `Member must have length less than or equal to ${mostBytes}`);
}

function isSame(a: KeptValue, b: KeptValue): boolean {
  return typeof a === typeof b && Buffer.from(a).equals(Buffer.from(b));
}
