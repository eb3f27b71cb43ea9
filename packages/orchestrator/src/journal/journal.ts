import { mkdir, open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { type Clock, isoTime, type Logger, syncFolder } from '@maestro/core';
import { z } from 'zod';

const entrySchema = z.discriminatedUnion('type', [
  z.object({ at: z.string(), type: z.literal('begun'), kind: z.enum(['deploy', 'rollback']), token: z.number() }),
  z.object({ at: z.string(), type: z.literal('step-started'), step: z.string(), summary: z.string() }),
  z.object({ at: z.string(), type: z.literal('step-finished'), step: z.string() }),
  z.object({ at: z.string(), type: z.literal('step-failed'), step: z.string(), code: z.string(), message: z.string() }),
  z.object({ at: z.string(), type: z.literal('ended'), outcome: z.string() }),
]);

/** One line of a release's journal. */
export type JournalEntry = z.infer<typeof entrySchema>;

type NewEntry = JournalEntry extends infer Entry ? (Entry extends JournalEntry ? Omit<Entry, 'at'> : never) : never;

const tookTraffic: ReadonlySet<string> = new Set(['deployed', 'rolled-back']);

/** What a journal says of a release. */
export interface JournaledRelease {
  readonly release: string;
  readonly entries: readonly JournalEntry[];
}

/** A journal being written. */
export interface OpenJournal extends AsyncDisposable {
  /** Returns when the line is on the disk. */
  append(entry: NewEntry): Promise<void>;
}

/** The journals of an environment: a file of lines a release, each flushed before the work goes on. */
export class Journals {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor(options: { readonly folder: string; readonly clock: Clock; readonly logger: Logger }) {
    this.#folder = options.folder;
    this.#clock = options.clock;
    this.#logger = options.logger;
  }

  async open(release: string): Promise<OpenJournal> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const file = await open(join(this.#folder, `${release}.ndjson`), 'a', 0o600);
    await syncFolder(this.#folder);
    // Steps run side by side: one line after the other.
    let last: Promise<void> = Promise.resolve();
    return {
      append: (entry) => {
        const line = `${JSON.stringify({ at: isoTime(this.#clock), ...entry })}\n`;
        last = last.then(async () => {
          await file.appendFile(line);
          await file.datasync();
        });
        return last;
      },
      [Symbol.asyncDispose]: () => file.close(),
    };
  }

  /** What the journal of a release says; nothing where it has none. */
  async entries(release: string): Promise<readonly JournalEntry[]> {
    const text = await readFile(join(this.#folder, `${release}.ndjson`), 'utf8').catch(emptyTextWhenMissing);
    return this.#parse(release, text);
  }

  /** The newest releases first, of those that have a journal. */
  async newest(limit: number): Promise<readonly string[]> {
    return (await this.#newestFirst()).slice(0, limit);
  }

  /**
   * The newest release whose journal does not say how it ended. One that a later release took the traffic from is past;
   * later ones that were refused or aborted changed nothing about it.
   */
  async unfinished(): Promise<JournaledRelease | null> {
    for (const release of await this.#newestFirst()) {
      const entries = await this.entries(release);
      const end = entries.find((entry) => entry.type === 'ended');
      if (end === undefined) return { release, entries };
      if (tookTraffic.has(end.outcome)) return null;
    }
    return null;
  }

  async #newestFirst(): Promise<readonly string[]> {
    const names = await readdir(this.#folder).catch(emptyWhenMissing);
    return names
      .filter((name) => name.endsWith('.ndjson'))
      .map((name) => name.slice(0, -'.ndjson'.length))
      .sort()
      .reverse();
  }

  #parse(release: string, text: string): readonly JournalEntry[] {
    return text.split('\n').flatMap((line) => {
      if (line === '') return [];
      try {
        return [entrySchema.parse(JSON.parse(line))];
      } catch {
        // A line cut off by a crash says nothing: what it would have said had not happened for sure.
        this.#logger.warn('a line of a journal cannot be read', { release });
        return [];
      }
    });
  }
}

function emptyWhenMissing(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return [];
  throw error;
}

function emptyTextWhenMissing(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return '';
  throw error;
}
