import type { Instance, LogLine, Slot } from '@maestro/bluegreen';
import { createScrubber, prepareSecrets } from '@maestro/secrets';

import type { Parts } from '../release/parts.ts';
import { type ChosenService, chosenInstance } from './chosen-instance.ts';
import { logWithheld } from './errors.ts';

export interface LogsOptions extends ChosenService {
  /** How many of the lines that are there already; all by default. */
  readonly tail?: number | undefined;
  /** Only what was printed at this time or later, in milliseconds since 1970. */
  readonly sinceMs?: number | undefined;
  /** Goes on with what is printed next, until the instance has ended for good or the signal aborts. */
  readonly follow?: boolean | undefined;
  /** Shows secrets where they are printed, and looks up none. */
  readonly unredacted?: boolean | undefined;
}

/** What an instance of a service prints. */
export interface ServiceLogs {
  readonly service: string;
  readonly slot: Slot;
  readonly release: string;
  /** Oldest first; ends by throwing the reason of a signal that aborts. */
  readonly lines: AsyncIterable<LogLine>;
}

type LogsParts = Pick<Parts, 'blueGreen' | 'clock' | 'definitions' | 'environment' | 'logger' | 'logs' | 'secrets'>;

/**
 * The log of the instance that is meant, without the secrets that it was started with. Throws `ORCHESTRATOR_NOT_RUNNING`, and
 * `ORCHESTRATOR_LOG_WITHHELD` where the secrets cannot be looked up.
 */
export async function serviceLogs(parts: LogsParts, options: LogsOptions): Promise<ServiceLogs> {
  const { service, tail, sinceMs, follow, unredacted = false, signal } = options;
  const instance = await chosenInstance(parts, options);
  const { slot, release } = instance;
  const scrub = unredacted ? asItIs : await redaction(parts, instance, signal);
  const read = parts.logs.read({ service, slot, tail, sinceMs, follow, signal });
  return { service, slot, release, lines: scrubbed(read, scrub) };
}

async function redaction(
  { definitions, secrets: store, clock, logger }: LogsParts,
  { service, release }: Instance,
  signal: AbortSignal | undefined,
): Promise<(text: string) => string> {
  try {
    const { services } = await definitions.read(release);
    const definition = services.find(({ name }) => name === service);
    if (store === null || definition === undefined || definition.secrets.length === 0) return asItIs;
    const { secrets, secretVersions } = definition;
    const wanted = { services: [{ name: service, secrets }], versions: { [service]: secretVersions } };
    const prepared = await prepareSecrets({ store, ...wanted, signal, clock, logger });
    const scrubber = createScrubber(Object.values(prepared.forService(service)));
    return (text) => scrubber.scrub(text);
  } catch (error) {
    signal?.throwIfAborted();
    throw logWithheld(service, error);
  }
}

function asItIs(text: string): string {
  return text;
}

async function* scrubbed(lines: AsyncIterable<LogLine>, scrub: (text: string) => string): AsyncGenerator<LogLine> {
  for await (const line of lines) yield { ...line, text: scrub(line.text) };
}
