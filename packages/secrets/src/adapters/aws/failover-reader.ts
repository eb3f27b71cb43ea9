import { type Clock, isMaestroError, type Logger, messageOf } from '@maestro/core';

import type { FetchedSecrets, FetchSecretsOptions, SecretFailure, StoredSecret } from '../../ports/secret-store.ts';
import { type Answer, RegionReader, type Wanted } from './region-reader.ts';
import type { SecretNames } from './secret-names.ts';
import type { ServiceCalls } from './service-calls.ts';

export interface FailoverReaderOptions {
  /** The original first. */
  readonly calls: readonly [ServiceCalls, ...ServiceCalls[]];
  readonly names: SecretNames;
  readonly deadlineMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Region {
  readonly name: string;
  readonly reader: RegionReader;
  /** Only its word on what is missing or may not be read counts: a replica may lag, or may never have been made. */
  readonly isOriginal: boolean;
  /** Until when others are asked before it. */
  awayUntil: number;
}

/** A region that has not answered by then, or within its share of the deadline, leaves the rest to the next ones. */
const failoverMs = 5000;
/** So that not every call of an outage waits for the region that is out. */
const awayMs = 30_000;

/** Reads in the first region that answers. */
export class FailoverReader {
  readonly #options: FailoverReaderOptions;
  readonly #regions: readonly Region[];

  constructor(options: FailoverReaderOptions) {
    this.#options = options;
    this.#regions = options.calls.map((calls, index) => ({
      name: calls.region,
      reader: new RegionReader(calls),
      isOriginal: index === 0,
      awayUntil: -Infinity,
    }));
  }

  async fetch(names: readonly string[], { signal, pins }: FetchSecretsOptions = {}): Promise<FetchedSecrets> {
    signal?.throwIfAborted();
    const wanted = new Map<string, Wanted>();
    for (const name of names) {
      const id = this.#options.names.idOf(name);
      if (id !== undefined) wanted.set(name, { id, pin: pins?.get(name) });
    }
    const answers = await this.#read([...wanted.values()], signal);
    const found = new Map<string, StoredSecret>();
    const failed = new Map<string, SecretFailure>();
    for (const name of names) {
      const one = wanted.get(name);
      const answer = one === undefined ? { failure: noName } : (answers.get(one.id) ?? { failure: noAnswer });
      if (answer.failure === undefined) found.set(name, answer.secret);
      else failed.set(name, answer.failure);
    }
    return { found, failed };
  }

  async #read(wanted: readonly Wanted[], signal: AbortSignal | undefined): Promise<ReadonlyMap<string, Answer>> {
    const { clock, deadlineMs, logger } = this.#options;
    const end = clock.monotonic() + deadlineMs;
    const answers = new Map<string, Answer>();
    const order = this.#inOrder();
    let open = wanted;
    for (const [index, region] of order.entries()) {
      if (open.length === 0) break;
      const next = order[index + 1];
      const now = clock.monotonic();
      const shareMs = (end - now) / (order.length - index);
      const until = next === undefined ? end : now + Math.min(shareMs, failoverMs);
      const given = await this.#readIn(region, open, { until, signal });
      for (const [id, answer] of given) answers.set(id, answer);
      const left = open.filter(({ id }) => answers.get(id)?.failure?.reason === 'unavailable');
      region.awayUntil = left.length === open.length ? clock.monotonic() + awayMs : -Infinity;
      open = left;
      if (next === undefined || left.length === 0) continue;
      logger.warn('secrets are out of reach in a region, another one is asked', {
        region: region.name,
        next: next.name,
        secrets: left.map(({ id }) => id),
      });
    }
    return answers;
  }

  async #readIn(
    { reader, isOriginal, name }: Region,
    wanted: readonly Wanted[],
    options: { readonly until: number; readonly signal: AbortSignal | undefined },
  ): Promise<ReadonlyMap<string, Answer>> {
    if (isOriginal) return reader.read(wanted, options);
    try {
      const given = await reader.read(wanted, options);
      return new Map(
        [...given].map(([id, answer]) => [id, answer.secret === undefined ? ofReplica(answer, name) : answer]),
      );
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!isMaestroError(error)) throw error;
      return new Map(wanted.map(({ id }) => [id, { failure: { reason: 'unavailable', said: messageOf(error) } }]));
    }
  }

  /** Regions that were out of reach a moment ago come last. */
  #inOrder(): readonly Region[] {
    const now = this.#options.clock.monotonic();
    const isAway = ({ awayUntil }: Region) => awayUntil > now;
    return [...this.#regions.filter((region) => !isAway(region)), ...this.#regions.filter(isAway)];
  }
}

const noAnswer: SecretFailure = { reason: 'unavailable' };
const noName: SecretFailure = {
  reason: 'missing',
  hint: 'expected a name of A-Z a-z 0-9 / _ + = . @ ! -, with its prefix at most 512 characters, or an ARN',
};

function ofReplica({ failure }: Answer, region: string): Answer {
  if (failure?.reason === 'unavailable') return { failure };
  return { failure: { reason: 'unavailable', said: `${region} has no replica of some of them that can be read` } };
}
