import type { Instance, LogLine, Slot } from '@maestro/bluegreen';
import { messageOf } from '@maestro/core';
import { createScrubber, prepareSecrets } from '@maestro/secrets';

import type { Parts } from '../release/parts.ts';
import { type ChosenService, chosenInstance } from './chosen-instance.ts';

export interface LogsOptions extends ChosenService {
  /** How many of the lines that are there already; all by default. */
  readonly tail?: number | undefined;
  /** Only what was printed at this time or later, in milliseconds since 1970. */
  readonly sinceMs?: number | undefined;
  /** Goes on with what is printed next, until the instance has ended for good or the signal aborts. */
  readonly follow?: boolean | undefined;
}

/** What an instance of a service prints. */
export interface ServiceLogs {
  readonly service: string;
  readonly slot: Slot;
  readonly release: string;
  /** Why secrets are shown where they are printed; null where `[redacted]` stands in their place. */
  readonly unredacted: string | null;
  /** Oldest first; ends by throwing the reason of a signal that aborts. */
  readonly lines: AsyncIterable<LogLine>;
}

type LogsParts = Pick<Parts, 'blueGreen' | 'clock' | 'definitions' | 'environment' | 'logger' | 'logs' | 'secrets'>;

/** The log of the instance that is meant, without the secrets that it was started with. */
export async function serviceLogs(parts: LogsParts, options: LogsOptions): Promise<ServiceLogs> {
  const { service, tail, sinceMs, follow, signal } = options;
  const instance = await chosenInstance(parts, options);
  const { slot, release } = instance;
  const { scrub, unredacted } = await redaction(parts, instance, signal);
  const read = parts.logs.read({ service, slot, tail, sinceMs, follow, signal });
  return { service, slot, release, unredacted, lines: scrubbed(read, scrub) };
}

/** Who looks for a fault must not be kept from the log by a store that is away: it is said instead. */
async function redaction(
  { definitions, secrets: store, clock, logger }: LogsParts,
  { service, release }: Instance,
  signal: AbortSignal | undefined,
): Promise<{ readonly scrub: (text: string) => string; readonly unredacted: string | null }> {
  const asItIs = (text: string) => text;
  try {
    const { services } = await definitions.read(release);
    const definition = services.find(({ name }) => name === service);
    if (store === null || definition === undefined || definition.secrets.length === 0) {
      return { scrub: asItIs, unredacted: null };
    }
    const { secrets, secretVersions } = definition;
    const wanted = { services: [{ name: service, secrets }], versions: { [service]: secretVersions } };
    const prepared = await prepareSecrets({ store, ...wanted, signal, clock, logger });
    const scrubber = createScrubber(Object.values(prepared.forService(service)));
    return { scrub: (text) => scrubber.scrub(text), unredacted: null };
  } catch (error) {
    signal?.throwIfAborted();
    return { scrub: asItIs, unredacted: messageOf(error) };
  }
}

async function* scrubbed(lines: AsyncIterable<LogLine>, scrub: (text: string) => string): AsyncGenerator<LogLine> {
  for await (const line of lines) yield { ...line, text: scrub(line.text) };
}
