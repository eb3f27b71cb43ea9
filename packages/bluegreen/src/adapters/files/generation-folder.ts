import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { type Clock, isoTime, messageOf, replaceSymlink, syncFolder, writeFileDurably } from '@maestro/core';
import { z } from 'zod';

import { BlueGreenError, generationMoved, unreadableNames } from '../../errors.ts';
import { type Generation, marksOf, type Routing, routingOf } from '../../plan/generation.ts';
import type { Switched, SwitchRequest } from '../../ports/router.ts';

const about = 'generation.json';
const aboutSchema = z.object({ number: z.int().positive(), release: z.string(), at: z.string() });
const kept = 20;
// A proxy of another user may test for a mark that it knows the name of, but not list them.
const folderMode = 0o711;

export interface GenerationFolderOptions {
  readonly folder: string;
  readonly clock: Clock;
  /** Names of further empty files that a router tests for; they begin with a dot and say nothing that the marks do not say. */
  readonly routerMarks?: ((routing: Routing) => readonly string[]) | undefined;
}

/**
 * Generations as folders of empty marks, and `live`, a symbolic link to one of them.
 * Renaming a new link over `live` is the whole switch: whoever reads it sees all services before or all after.
 *
 * ```
 * generations/41/generation.json  api.blue   web.blue
 * generations/42/generation.json  api.green  web.blue  web.canary-10
 * live -> generations/42
 * ```
 */
export class GenerationFolder {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #routerMarks: (routing: Routing) => readonly string[];

  constructor({ folder, clock, routerMarks = () => [] }: GenerationFolderOptions) {
    this.#folder = folder;
    this.#clock = clock;
    this.#routerMarks = routerMarks;
  }

  /**
   * The target of `live`, such as `generations/42`; undefined before the first switch. Cheap enough for each request.
   * Throws `BLUEGREEN_GENERATION_UNREADABLE`.
   */
  liveTarget(): string | undefined {
    const link = join(this.#folder, 'live');
    try {
      return readlinkSync(link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw this.#unreadable(link, error);
    }
  }

  /** The live generation; null before the first switch. Throws `BLUEGREEN_GENERATION_UNREADABLE`. */
  live(): Generation | null {
    const target = this.liveTarget();
    return target === undefined ? null : this.read(target);
  }

  /** Reads a generation by its link target, synchronously so that a reader never acts on a half-changed picture. */
  read(target: string): Generation {
    const folder = join(this.#folder, target);
    try {
      const described = aboutSchema.parse(JSON.parse(readFileSync(join(folder, about), 'utf8')));
      const marks = readdirSync(folder).filter((name) => name !== about && !name.startsWith('.'));
      const { routing, problems } = routingOf(marks);
      if (problems.length > 0) throw new Error(problems.join('; '));
      return { ...described, ...routing };
    } catch (error) {
      throw this.#unreadable(folder, error);
    }
  }

  /** Makes the next generation and points `live` to it. */
  async switchTo(request: SwitchRequest): Promise<Switched> {
    const { problems } = routingOf(marksOf(request));
    if (problems.length > 0) throw unreadableNames(problems);
    const generation = await this.#prepare(request);
    const start = this.#clock.monotonic();
    // From here to the rename nothing is awaited: no other work of this process comes between check and act.
    request.fence?.();
    const live = this.live()?.number ?? null;
    if (live !== request.expected) throw generationMoved({ expected: request.expected, live });
    replaceSymlink(join(this.#folder, 'live'), join('generations', String(generation.number)));
    const switchMs = this.#clock.monotonic() - start;
    await syncFolder(this.#folder);
    // The switch has happened: old folders that stay do not make it a failed one. The next switch tries again.
    await this.#prune(generation.number).catch(ignore);
    return { generation, switchMs };
  }

  async #prepare({ release, slots, canaryPercents }: SwitchRequest): Promise<Generation> {
    const generations = join(this.#folder, 'generations');
    await mkdir(generations, { recursive: true, mode: folderMode });
    const number = await claimNext(generations);
    const { routing } = routingOf(marksOf({ slots, canaryPercents }));
    const generation: Generation = { number, release, at: isoTime(this.#clock), ...routing };
    const folder = join(generations, String(number));
    for (const mark of [...marksOf(routing), ...this.#routerMarks(routing)]) await writeFile(join(folder, mark), '');
    await writeFileDurably(join(folder, about), JSON.stringify({ number, release, at: generation.at }));
    await syncFolder(generations);
    return generation;
  }

  #unreadable(path: string, cause: unknown): BlueGreenError {
    const live = join(this.#folder, 'live');
    return new BlueGreenError(
      'BLUEGREEN_GENERATION_UNREADABLE',
      `the generation in ${path} cannot be read: ${messageOf(cause)}`,
      {
        hint: `point the symbolic link ${live} to an intact generation: ls ${join(this.#folder, 'generations')}`,
        cause,
      },
    );
  }

  /** Old generations are the audit trail, but not for ever. */
  async #prune(live: number): Promise<void> {
    const generations = join(this.#folder, 'generations');
    for (const number of await numbersIn(generations)) {
      if (number <= live - kept) await rm(join(generations, String(number)), { recursive: true, force: true });
    }
  }
}

/** Takes a number nobody had: making a folder is exclusive, so of two claimants one goes on to the next number. */
async function claimNext(generations: string): Promise<number> {
  for (let next = Math.max(0, ...(await numbersIn(generations))) + 1; ; next += 1) {
    try {
      await mkdir(join(generations, String(next)), { mode: folderMode });
      return next;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

async function numbersIn(generations: string): Promise<readonly number[]> {
  const names = await readdir(generations);
  return names.filter((name) => /^\d+$/.test(name)).map((name) => Number(name));
}

function ignore(): void {
  return undefined;
}
