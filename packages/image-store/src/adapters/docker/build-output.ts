import { StringDecoder } from 'node:string_decoder';
import { stripVTControlCharacters } from 'node:util';

import { messageOf } from '@maestro/core';
import { z } from 'zod';

import { readTrace, type TraceLog, type TraceStep } from './buildkit-trace.ts';
import type { EngineEvent } from './engine-events.ts';
import { brokenAnswer } from './engine-fault.ts';

const idSchema = z.object({ ID: z.string().regex(/^sha256:[0-9a-f]{64}$/) });
const keptLines = 15;

/** Reads what a build says, of either builder: lines for people, the step it is at, the image it ends with. */
export class BuildOutput {
  readonly #onLine: (line: string) => void;
  readonly #lines: string[] = [];
  readonly #steps = new Map<string, Pick<TraceStep, 'started' | 'completed'>>();
  readonly #printing = new Map<string, PartialLines>();
  readonly #classic = new PartialLines();
  #imageId: string | undefined;
  #step: string | undefined;
  #failed = false;

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  /** The image that was built; undefined until the builder has said so. */
  get imageId(): string | undefined {
    return this.#imageId;
  }

  /** The step that failed, else the last one that began. */
  get step(): string | undefined {
    return this.#step;
  }

  /** The last lines, at most 15. */
  get lastLines(): readonly string[] {
    return this.#lines;
  }

  /** Throws `EngineFault` for a trace that cannot be read. */
  take({ id, stream, aux }: EngineEvent): void {
    if (stream !== undefined) this.#takeText(stream);
    if (id === 'moby.buildkit.trace') this.#takeTrace(aux);
    else if (aux !== undefined) this.#imageId = idSchema.safeParse(aux).data?.ID ?? this.#imageId;
  }

  /** Lines that nothing ended. */
  end(): void {
    for (const printing of [this.#classic, ...this.#printing.values()]) this.#say(printing.end());
  }

  #takeText(text: string): void {
    const lines = this.#classic.take(Buffer.from(text));
    this.#step = lines.map((line) => /^Step \d+\/\d+ : (.*)$/.exec(line)?.[1]).findLast(isDefined) ?? this.#step;
    this.#say(lines);
  }

  #takeTrace(aux: unknown): void {
    let trace;
    try {
      trace = readTrace(z.string().parse(aux));
    } catch (error) {
      throw brokenAnswer(`the trace of the build cannot be read: ${messageOf(error)}`, error);
    }
    // What it printed comes before the message that a step has failed or ended.
    for (const step of trace.steps) if (!step.completed) this.#takeStep(step);
    for (const log of trace.logs) this.#takeLog(log);
    for (const step of trace.steps) if (step.completed) this.#takeStep(step);
  }

  #takeStep(step: TraceStep): void {
    const before = this.#steps.get(step.digest) ?? { started: false, completed: false };
    this.#steps.set(step.digest, step);
    if (step.started && !before.started) {
      if (!this.#failed) this.#step = step.name;
      this.#say([step.name]);
    }
    if (!step.completed || before.completed) return;
    for (const [key, printing] of this.#printing) if (key.startsWith(step.digest)) this.#say(printing.end());
    if (step.error !== '') {
      this.#step = step.name;
      this.#failed = true;
    }
    if (step.cached) this.#say([`CACHED ${step.name}`]);
  }

  #takeLog({ step, stream, bytes }: TraceLog): void {
    const key = `${step} ${stream}`;
    const printing = this.#printing.get(key) ?? new PartialLines();
    this.#printing.set(key, printing);
    this.#say(printing.take(bytes));
  }

  #say(lines: readonly string[]): void {
    for (const line of lines) {
      this.#lines.push(line);
      if (this.#lines.length > keptLines) this.#lines.shift();
      this.#onLine(line);
    }
  }
}

/** Lines of text that comes in pieces, cut anywhere; without colours, and without lines that show nothing. */
class PartialLines {
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';

  take(bytes: Uint8Array): readonly string[] {
    const lines = (this.#rest + this.#decoder.write(bytes)).split(/\r?\n|\r/);
    this.#rest = lines.pop() ?? '';
    return readable(lines);
  }

  end(): readonly string[] {
    const rest = this.#rest + this.#decoder.end();
    this.#rest = '';
    return readable([rest]);
  }
}

function isDefined(step: string | undefined): step is string {
  return step !== undefined;
}

function readable(lines: readonly string[]): readonly string[] {
  return lines.map(stripVTControlCharacters).filter((line) => line.trim() !== '');
}
