import { type Clock, isMaestroError, poll } from '@maestro/core';

import type { InstanceLogs, LogLine, LogQuery } from '../../ports/instance-logs.ts';
import type { PrintedLine } from './container-output.ts';
import { labels } from './container-labels.ts';
import type { EngineAddress } from './engine-address.ts';
import type { EngineContainers } from './engine-containers.ts';
import { EngineRefusal } from './engine-refusal.ts';
import type { EngineStreams } from './engine-stream.ts';
import { engineFailed, engineUnreachable } from './errors.ts';
import { asTheyCome, inOrder, type Ordered } from './merged-lines.ts';
import { outputLines } from './output-pieces.ts';

export interface DockerLogsOptions {
  readonly engine: EngineAddress;
  readonly streams: EngineStreams;
  readonly containers: EngineContainers;
  readonly clock: Clock;
}

interface Source {
  readonly id: string;
  readonly replica: number;
}

type LogsQuery = Readonly<Record<string, string | number>>;

// The engine's own pause between two restarts grows up to a minute.
const backWithinMs = 90_000;
const lookEveryMs = 500;

/** What the containers of a slot printed, as the engine keeps it. */
export class DockerLogs implements InstanceLogs {
  readonly #options: DockerLogsOptions;

  constructor(options: DockerLogsOptions) {
    this.#options = options;
  }

  async *read(query: LogQuery): AsyncGenerator<LogLine> {
    // Whoever stops reading ends what is still open, too.
    const ending = new AbortController();
    const signal = AbortSignal.any([ending.signal, ...(query.signal === undefined ? [] : [query.signal])]);
    const { engine } = this.#options;
    try {
      for await (const { replica, at, text } of this.#read(query, signal)) yield { replica, at, text };
    } catch (error) {
      query.signal?.throwIfAborted();
      if (isMaestroError(error)) throw error;
      if (!(error instanceof EngineRefusal)) throw engineUnreachable(engine, error);
      throw engineFailed(engine, `show the output of ${query.service}`, error);
    } finally {
      ending.abort();
    }
  }

  async *#read(query: LogQuery, signal: AbortSignal): AsyncGenerator<Ordered> {
    const { service, slot, tail, sinceMs, follow = false } = query;
    const listed = await this.#options.containers.list('instance', { key: { service, slot }, signal });
    const sources = listed.map(({ Id, Labels: of }) => ({ id: Id, replica: Number(of[labels.replica] ?? 0) }));
    const since = sinceMs === undefined ? {} : { since: String(sinceMs / 1000) };
    const begin = { ...since, tail: tail ?? 'all' };
    const ends = new Map<string, string>();
    const past = inOrder(sources.map((source) => this.#past(source, { query: begin, ends, signal })));
    // Of several each gives as many as are wanted of all of them together.
    yield* sources.length > 1 && tail !== undefined ? lastOf(past, tail) : past;
    if (!follow) return;
    const nothingYet = tail === 0 ? { tail } : since;
    const next = sources.map((source) => {
      const end = ends.get(source.id);
      return this.#next(source, { from: end === undefined ? nothingYet : { since: end }, signal });
    });
    yield* asTheyCome(next);
  }

  async *#past(
    { id, replica }: Source,
    { query, ends, signal }: { readonly query: LogsQuery; readonly ends: Map<string, string>; signal: AbortSignal },
  ): AsyncGenerator<Ordered> {
    for await (const line of this.#lines(id, query, signal)) {
      ends.set(id, justAfter(line.at));
      yield { id, replica, ...line };
    }
  }

  /** A container that is started again goes on in the same log. */
  async *#next(
    { id, replica }: Source,
    { from, signal }: { readonly from: LogsQuery; readonly signal: AbortSignal },
  ): AsyncGenerator<Ordered> {
    let begin = from;
    for (;;) {
      for await (const line of this.#lines(id, { ...begin, follow: 'true' }, signal)) {
        begin = { since: justAfter(line.at) };
        yield { id, replica, ...line };
      }
      if (!(await this.#comesBack(id, signal))) return;
    }
  }

  async *#lines(id: string, query: LogsQuery, signal: AbortSignal): AsyncGenerator<PrintedLine> {
    const path = `/containers/${id}/logs`;
    const asked = { stdout: 'true', stderr: 'true', timestamps: 'true', ...query };
    try {
      yield* outputLines(await this.#options.streams.read({ method: 'GET', path, query: asked, signal }));
    } catch (error) {
      // It was removed meanwhile, as by the next deployment.
      if (!(error instanceof EngineRefusal && error.status === 404)) throw error;
    }
  }

  async #comesBack(id: string, signal: AbortSignal): Promise<boolean> {
    const { containers, clock } = this.#options;
    const { accepted, value } = await poll({
      probe: async (inner) => {
        const found = await containers.inspect(id, { signal: inner });
        if (found === undefined) return 'gone';
        if (found.State.Running) return 'runs';
        return found.State.Restarting || found.HostConfig.RestartPolicy.Name === 'always' ? 'waits' : 'gone';
      },
      accept: (state) => state !== 'waits',
      intervalMs: lookEveryMs,
      deadlineMs: backWithinMs,
      clock,
      signal,
    });
    return accepted && value === 'runs';
  }
}

/** The engine takes seconds with nanoseconds behind the point, and gives what was printed at that time too. */
function justAfter(at: string): string {
  const [, whole = '', fraction = ''] = /^(.*?)(?:\.(\d+))?Z$/.exec(at) ?? [];
  const nanoseconds = BigInt(Date.parse(`${whole}Z`)) * 1_000_000n + BigInt(fraction.padEnd(9, '0')) + 1n;
  return `${nanoseconds / 1_000_000_000n}.${String(nanoseconds % 1_000_000_000n).padStart(9, '0')}`;
}

async function* lastOf<T>(lines: AsyncIterable<T>, count: number): AsyncGenerator<T> {
  const last: T[] = [];
  for await (const line of lines) {
    last.push(line);
    if (last.length > count) last.shift();
  }
  yield* last;
}
