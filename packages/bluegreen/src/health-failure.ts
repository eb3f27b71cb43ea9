import type { Sighting } from './ask-instance.ts';
import { BlueGreenError } from './errors.ts';
import { checkInWords, type HealthCheck } from './health-check.ts';
import type { InstanceKey } from './ports/runtime.ts';

type Failed = Extract<Sighting, { healthy: false }>;

/** An instance that ended by itself. */
export function crashedWhileProbed(
  { service, slot }: InstanceKey,
  {
    reason,
    detail,
    printed,
  }: { readonly reason: 'crashed' | 'gone'; readonly detail: string; readonly printed: readonly string[] },
): BlueGreenError {
  return new BlueGreenError('BLUEGREEN_CRASHED', `${service} crashed in ${slot}: ${detail}${tailOf(printed)}`, {
    hint: /memory/i.test(detail)
      ? 'give the service more memory, or find what it needs so much for'
      : 'mend what its last lines say, commit, and deploy again',
    details: { service, slot, reason, detail, log: printed },
  });
}

export interface UnhealthyDetails {
  readonly check: HealthCheck;
  /** What the last question showed; null where none was answered, or the last answer was well. */
  readonly last: Failed | null;
  /** The last answer was well, but it was not the last one needed. */
  readonly well: boolean;
  readonly elapsedMs: number;
  readonly printed: readonly string[];
}

/** An instance that runs, but was not healthy in time. */
export function unhealthyInTime(
  { service, slot }: InstanceKey,
  { check, last, well, elapsedMs, printed }: UnhealthyDetails,
): BlueGreenError {
  const unanswered = well ? `was well, but not ${check.successes ?? 1} times in a row` : 'no probe was answered';
  const { reason = 'timeout', detail = unanswered, way = 'directly' } = last ?? {};
  const message = `${service} was not healthy in ${slot} within ${elapsedMs} ms: ${checkInWords(check)}, asked ${way}, ${detail}`;
  return new BlueGreenError('BLUEGREEN_HEALTH_TIMEOUT', `${message}${tailOf(printed)}`, {
    hint: hintFor(reason, way),
    details: { service, slot, reason, detail, log: printed },
  });
}

function tailOf(printed: readonly string[]): string {
  return printed.length === 0 ? '' : `\nits last lines:\n${printed.map((line) => `  ${line}`).join('\n')}`;
}

function hintFor(reason: Failed['reason'], way: Failed['way']): string {
  switch (reason) {
    case 'refused':
      return 'make the service listen on the PORT and HOST it is given, or raise health.deadlineMs';
    case 'timeout':
      return 'find what the health check waits for, or raise health.timeoutMs or health.deadlineMs';
    case 'redirect':
      return 'point health.path to an address that answers by itself, without a redirect';
    case 'wrong-host':
      return way === 'directly'
        ? 'add the Host to those that the service allows, or name one that it knows as health.host'
        : 'let the service accept the Host also behind the proxy, which adds X-Forwarded-Host';
    case 'tls':
      return way === 'directly'
        ? 'let the service speak plain HTTP on its port: TLS ends at the proxy'
        : "renew the proxy's certificate for this Host, or give it the right one";
    case 'body':
      return 'mend what the health endpoint says, or correct what health.body expects';
    case 'status':
      return 'mend what the health endpoint complains about, commit, and deploy again';
    case 'broken':
      return 'see its last lines: the service closed the connection without an answer';
    case 'failed':
      return 'mend what the command complains about, or correct health.command';
    case 'starting':
      return 'raise health.deadlineMs, or let the HEALTHCHECK of the image ask more often';
    case 'unhealthy':
      return 'docker inspect shows what the HEALTHCHECK of the image said';
  }
}
