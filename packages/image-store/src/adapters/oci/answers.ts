import type { Clock } from '@maestro/core';
import { z } from 'zod';

import { unavailable, unexpectedAnswer } from './errors.ts';
import type { HttpAnswer } from './http.ts';

const errorsSchema = z.object({ errors: z.array(z.object({ code: z.string(), message: z.string().optional() })) });
const shownCharacters = 200;

/** Returns the answer if its status is one of these; throws `IMAGE_STORE_UNEXPECTED_ANSWER`. */
export function expectStatus(answer: HttpAnswer, expected: readonly number[]): HttpAnswer {
  if (expected.includes(answer.status)) return answer;
  throw unexpectedAnswer(answer, `expected ${expected.join(' or ')}, was ${describeFailure(answer)}`);
}

// 500 too: CNCF's registry answers with it to those who read what is just being written again.
const passing = [429, 500, 502, 503, 504];

/** Throws the retryable `IMAGE_STORE_UNREACHABLE` for an answer that may be another one soon. */
export function expectAvailable(answer: HttpAnswer, clock: Clock): HttpAnswer {
  if (!passing.includes(answer.status)) return answer;
  throw unavailable({ ...answer, retryAfterMs: retryAfterMs(answer.header('retry-after'), clock) });
}

/** Whether a registry says of itself that it cannot do this at all. */
export function isUnsupported(answer: HttpAnswer): boolean {
  return answer.status === 405 || registryErrors(answer).some(({ code }) => code === 'UNSUPPORTED');
}

/** The status, and what the registry says in https://github.com/opencontainers/distribution-spec's form of errors. */
export function describeFailure(answer: HttpAnswer): string {
  const said = registryErrors(answer).map(({ code, message }) => (message === undefined ? code : `${code} ${message}`));
  return [String(answer.status), ...said].join(', ').slice(0, shownCharacters);
}

/** Seconds or a date, https://www.rfc-editor.org/rfc/rfc9110#field.retry-after. */
export function retryAfterMs(header: string | undefined, clock: Clock): number | undefined {
  if (header === undefined) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - clock.now();
  return Number.isNaN(ms) ? undefined : Math.max(ms, 0);
}

function registryErrors(answer: HttpAnswer) {
  try {
    return errorsSchema.parse(JSON.parse(answer.body.toString('utf8'))).errors;
  } catch {
    return [];
  }
}
