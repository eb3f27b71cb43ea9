import { isMaestroError, Redacted } from '@maestro/core';

import type { SecretsErrorCode } from '../../errors.ts';
import type { SecretFailure, SecretPin, StoredSecret } from '../../ports/secret-store.ts';
import { awsNameIn, failureOf, failureReason } from './aws-errors.ts';
import { limited } from './limited.ts';
import { canBeVersion, inRegion, isAnswerFor } from './secret-names.ts';
import type { BatchGetInput, BatchGetOutput, SecretValue } from './secrets-manager-api.ts';
import type { Question, ServiceCalls } from './service-calls.ts';
import { stageLabels } from './stages.ts';

/** A secret to read, by what the service is asked for. */
export interface Wanted {
  readonly id: string;
  readonly pin: SecretPin | undefined;
}

export type Answer =
  | { readonly secret: StoredSecret; readonly failure?: undefined }
  | { readonly failure: SecretFailure; readonly secret?: undefined };

export interface ReadOptions {
  /** When it has to be over, in the clock's monotonic time. */
  readonly until: number;
  readonly signal?: AbortSignal | undefined;
}

/** The service's limit. */
const idsACall = 20;
/** Far below the service's quota of 100 batches a second, which all who read in the account share. */
const callsAtOnce = 8;
/** So that a list that leads back to itself ends. */
const mostPages = 20;

/** Reads secrets in one region. */
export class RegionReader {
  readonly #calls: ServiceCalls;

  constructor(calls: ServiceCalls) {
    this.#calls = calls;
  }

  /**
   * An answer for each id. Everything is asked for in batches first, pinned or not: a release fetches what was current
   * when it was planned, and mostly still is. What has another version by now, or no answer, is asked for by itself.
   */
  async read(wanted: readonly Wanted[], options: ReadOptions): Promise<ReadonlyMap<string, Answer>> {
    const chunks = Array.from({ length: Math.ceil(wanted.length / idsACall) }, (_, index) =>
      wanted.slice(index * idsACall, (index + 1) * idsACall),
    );
    const batches = await limited(chunks, callsAtOnce, (chunk) => this.#batch(chunk, options));
    const answers = new Map(batches.flatMap((batch) => [...batch]));
    const open = wanted.filter(({ id }) => !answers.has(id));
    await limited(open, callsAtOnce, async (one) => answers.set(one.id, await this.#single(one, options)));
    return answers;
  }

  async #batch(chunk: readonly Wanted[], options: ReadOptions): Promise<ReadonlyMap<string, Answer>> {
    try {
      return await this.#pages(chunk, options);
    } catch (error) {
      const failure = passingFailure(error);
      return new Map(chunk.map(({ id }) => [id, { failure }]));
    }
  }

  async #pages(chunk: readonly Wanted[], options: ReadOptions): Promise<ReadonlyMap<string, Answer>> {
    const { region } = this.#calls;
    const answers = new Map<string, Answer>();
    let input: BatchGetInput | undefined = { SecretIdList: chunk.map(({ id }) => inRegion(id, region)) };
    for (let page = 0; input !== undefined && page < mostPages; page += 1) {
      const asked: BatchGetInput = input;
      const send: Question<BatchGetOutput>['send'] = (api, call) => api.batchGetSecretValue(asked, call);
      const output = await this.#calls.ask({ action: 'BatchGetSecretValue', send, ...options });
      for (const one of chunk) {
        const answer = this.#answerIn(output, one);
        if (answer !== undefined) answers.set(one.id, answer);
      }
      const { NextToken } = output;
      input = NextToken === undefined ? undefined : { ...asked, NextToken };
    }
    return answers;
  }

  /** Undefined where there is none, where it is another version than the wanted one, and for what may pass. */
  #answerIn({ SecretValues = [], Errors = [] }: BatchGetOutput, { id: asked, pin }: Wanted): Answer | undefined {
    const { region } = this.#calls;
    const id = inRegion(asked, region);
    const value = SecretValues.find((secret) => isAnswerFor(id, secret));
    if (value !== undefined) return isWanted(value, pin) ? answerOf(value) : undefined;
    const error = Errors.find(({ SecretId }) => SecretId === id);
    const reason = error === undefined ? 'unavailable' : failureReason(error.ErrorCode);
    return reason === 'unavailable' ? undefined : { failure: failureOf(reason, id, region) };
  }

  async #single({ id: asked, pin }: Wanted, options: ReadOptions): Promise<Answer> {
    const { region } = this.#calls;
    const id = inRegion(asked, region);
    const gone: Answer = { failure: failureOf('version-gone', id, region) };
    if (pin?.version !== undefined && !canBeVersion(pin.version)) return gone;
    const which =
      pin?.version === undefined ? { VersionStage: stageLabels[pin?.stage ?? 'current'] } : { VersionId: pin.version };
    const send: Question<SecretValue>['send'] = (api, call) => api.getSecretValue({ SecretId: id, ...which }, call);
    try {
      return answerOf(await this.#calls.ask({ action: 'GetSecretValue', send, ...options }));
    } catch (error) {
      if (!isMaestroError<SecretsErrorCode>(error)) throw error;
      if (error.retryable) return { failure: passingFailure(error) };
      const reason = failureReason(awsNameIn(error));
      // The batch has found the secret, so it is the version that is not there.
      if (reason === 'missing' && pin !== undefined) return gone;
      if (reason === 'unavailable') throw error;
      return { failure: failureOf(reason, id, region) };
    }
  }
}

function answerOf({ SecretString, SecretBinary, VersionId: version = '' }: SecretValue): Answer {
  if (SecretString !== undefined) return { secret: { value: new Redacted(SecretString), version, encoding: 'text' } };
  const base64 = Buffer.from(SecretBinary ?? []).toString('base64');
  return { secret: { value: new Redacted(base64), version, encoding: 'base64' } };
}

/** What a batch gives is current by definition; it is checked all the same, because imitations of the service differ. */
function isWanted({ VersionId, VersionStages }: SecretValue, pin: SecretPin | undefined): boolean {
  if (pin?.version !== undefined) return VersionId === pin.version;
  return VersionStages?.includes(stageLabels[pin?.stage ?? 'current']) ?? pin === undefined;
}

/** What may be answered in another region or later; throws anything else. */
function passingFailure(error: unknown): SecretFailure {
  if (!isMaestroError<SecretsErrorCode>(error) || !error.retryable) throw error;
  return { reason: 'unavailable', hint: error.hint, said: error.message };
}
