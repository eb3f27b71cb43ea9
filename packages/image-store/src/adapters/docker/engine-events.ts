import { StringDecoder } from 'node:string_decoder';

import { messageOf } from '@maestro/core';
import { z } from 'zod';

import { brokenAnswer, EngineFault } from './engine-fault.ts';

const eventSchema = z.looseObject({
  stream: z.string().optional(),
  status: z.string().optional(),
  id: z.string().optional(),
  error: z.string().optional(),
  errorDetail: z.looseObject({ message: z.string().optional() }).optional(),
  progressDetail: z.looseObject({ current: z.number().optional(), total: z.number().optional() }).nullish(),
  aux: z.unknown().optional(),
});

/** What the engine tells of work in progress. */
export type EngineEvent = z.infer<typeof eventSchema>;

/**
 * The events of an answer, one JSON object a line, wherever its chunks are cut. The engine answers with 200 before it
 * begins, so that an event is where it says that it failed. Throws `EngineFault` for that, and for whatever cannot be
 * read as events; whether the last one says that all is done is for the caller to see.
 */
export async function* readEvents(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<EngineEvent, void, undefined> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  try {
    for await (const chunk of chunks) {
      const lines = (rest + decoder.write(chunk)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) yield* eventIn(line);
    }
  } catch (error) {
    if (error instanceof EngineFault) throw error;
    throw brokenAnswer(`the engine's answer broke off: ${messageOf(error)}`, error);
  }
  yield* eventIn(rest + decoder.end());
}

function* eventIn(line: string) {
  if (line.trim() === '') return;
  let event: EngineEvent;
  try {
    event = eventSchema.parse(JSON.parse(line));
  } catch {
    throw brokenAnswer(`expected an event of the engine, got ${JSON.stringify(line.slice(0, 200))}`);
  }
  const { error, errorDetail } = event;
  if (error !== undefined || errorDetail !== undefined) {
    throw new EngineFault(errorDetail?.message ?? (error === undefined || error === '' ? 'no reason given' : error));
  }
  yield event;
}
