import { randomUUID } from 'node:crypto';

import { type Clock, isMaestroError, type Logger, messageOf, poll, withDeadline } from '@maestro/core';
import { z } from 'zod';

import { ImageStoreError } from '../errors.ts';
import { checkTag } from '../image/names.ts';
import type { ImageClaim, ImageClaims } from '../ports/image-claims.ts';
import type { Cancellable } from '../ports/image-store.ts';

/** Where processes leave notes for one another. A name is one of a file and of a tag. */
export interface ClaimNotes {
  /** Once it is done, every `names` that begins sees the note. */
  write(name: string, text: string, options: Cancellable): Promise<void>;
  /** One that is not there is fine. */
  remove(name: string, options: Cancellable): Promise<void>;
  names(options: Cancellable): Promise<readonly string[]>;
  /** Undefined where it is gone. Throws `IMAGE_STORE_CORRUPT`: what cannot be read may need any image. */
  read(name: string, options: Cancellable): Promise<string | undefined>;
}

export interface NotedClaimsOptions {
  readonly notes: ClaimNotes;
  readonly clock: Clock;
  readonly logger: Logger;
}

const claimPrefix = 'claim-';
const removalGrammar = /^removal-(?<until>\d{1,16})-/;
const removalMs = 300_000;
/** Longer than a removal by what clocks may differ and what a request takes that was sent at the end. */
const announcedMs = 600_000;
/** What clocks may differ by. */
const skewMs = 300_000;
const waitMs = 60_000;
const pauseMs = 500;
const withdrawMs = 30_000;

const claimSchema = z.object({
  id: z.string(),
  by: z.string(),
  digests: z.array(z.string()),
  /** In the milliseconds of the one who claims. */
  until: z.number().optional(),
});
const removalSchema = z.object({ digests: z.array(z.string()) });

/** Claims as notes: what keeps the two sides apart, wherever the notes are. */
export class NotedClaims implements ImageClaims {
  readonly #notes: ClaimNotes;
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor({ notes, clock, logger }: NotedClaimsOptions) {
    this.#notes = notes;
    this.#clock = clock;
    this.#logger = logger;
  }

  async claim({ id, by, digests, validMs }: ImageClaim, options: Cancellable = {}): Promise<void> {
    options.signal?.throwIfAborted();
    const until = validMs === undefined ? undefined : this.#clock.now() + validMs;
    await this.#notes.write(noteOf(id), JSON.stringify({ id, by, digests, until }), options);
    const outcome = await poll({
      probe: (signal) => this.#isRemoved(digests, { signal }),
      accept: (removed) => !removed,
      intervalMs: pauseMs,
      deadlineMs: waitMs,
      clock: this.#clock,
      signal: options.signal,
    });
    if (!outcome.accepted) throw beingRemoved(by);
  }

  async withdraw({ id }: { readonly id: string }, options: Cancellable = {}): Promise<void> {
    options.signal?.throwIfAborted();
    await this.#notes.remove(noteOf(id), options);
  }

  async list(options: Cancellable = {}): Promise<readonly Omit<ImageClaim, 'validMs'>[]> {
    options.signal?.throwIfAborted();
    const names = (await this.#notes.names(options)).filter((name) => name.startsWith(claimPrefix)).sort();
    const claims: Omit<ImageClaim, 'validMs'>[] = [];
    const now = this.#clock.now();
    for (const name of names) {
      const text = await this.#notes.read(name, options);
      if (text === undefined) continue;
      const { until = Infinity, ...claim } = parsed(name, text, claimSchema);
      // It is left where it is: somebody may be renewing it just now.
      if (now <= until + skewMs) claims.push(claim);
    }
    return claims;
  }

  async whileRemoving<T>(
    digests: readonly string[],
    work: (signal: AbortSignal) => Promise<T>,
    options: Cancellable = {},
  ): Promise<T> {
    options.signal?.throwIfAborted();
    const name = `removal-${this.#clock.now() + announcedMs}-${randomUUID()}`;
    await this.#notes.write(name, JSON.stringify({ name, digests }), options);
    let goesOn = true;
    try {
      const result = await withDeadline(work, {
        deadlineMs: removalMs,
        clock: this.#clock,
        signal: options.signal,
        onExpired: tooSlow,
      });
      goesOn = false;
      return result;
    } catch (error) {
      // What broke off may still be done by the one who was asked.
      goesOn = !isMaestroError(error) || error.retryable;
      throw error;
    } finally {
      if (!goesOn) await this.#end(name);
    }
  }

  async #isRemoved(digests: readonly string[], options: Cancellable): Promise<boolean> {
    const now = this.#clock.now();
    for (const name of await this.#notes.names(options)) {
      const until = removalGrammar.exec(name)?.groups?.until;
      if (until === undefined || Number(until) <= now) continue;
      const text = await this.#notes.read(name, options);
      const going = text === undefined ? [] : parsed(name, text, removalSchema).digests;
      if (going.some((digest) => digests.includes(digest))) return true;
    }
    return false;
  }

  /** An announcement that stays ends by itself. */
  async #end(name: string): Promise<void> {
    const onExpired = () => new Error(`expected an answer within ${withdrawMs} ms`);
    try {
      const deadline = { deadlineMs: withdrawMs, clock: this.#clock, onExpired };
      await withDeadline((signal) => this.#notes.remove(name, { signal }), deadline);
    } catch (error) {
      this.#logger.warn('the announcement of a removal stays for ten minutes', { name, reason: messageOf(error) });
    }
  }
}

function noteOf(id: string): string {
  const name = `${claimPrefix}${id}`;
  checkTag(name);
  return name;
}

function parsed<T>(name: string, text: string, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new ImageStoreError('IMAGE_STORE_CORRUPT', `the note ${name} about images in use is damaged`, {
      hint: 'remove it when nobody deploys or prunes, and try again',
      details: { name },
      cause: error,
    });
  }
}

function beingRemoved(by: string): ImageStoreError {
  return new ImageStoreError('IMAGE_STORE_LOCKED', `images that ${by} needs have been removed for ${waitMs} ms`, {
    hint: 'try again when maestro images prune has ended; ten minutes after it began where it was killed',
    details: { by },
    retryable: true,
  });
}

function tooSlow(): ImageStoreError {
  return new ImageStoreError('IMAGE_STORE_UNREACHABLE', `images were not removed within ${removalMs} ms`, {
    hint: 'the others go next time: maestro images prune',
    retryable: true,
  });
}
