import { type Logger, messageOf } from '@maestro/core';

import type { Generation } from '../../../plan/generation.ts';
import type { GenerationFolder } from '../../files/generation-folder.ts';

/**
 * The live generation, asked for at each request: one readlink(2), and the folder is read only when the link changed.
 * No watcher: a request that arrives after the rename is answered by the new slot, not one that arrives some time later.
 */
export class LiveGeneration {
  readonly #folder: GenerationFolder;
  readonly #logger: Logger;
  #target: string | undefined;
  #generation: Generation | null = null;

  constructor(folder: GenerationFolder, logger: Logger) {
    this.#folder = folder;
    this.#logger = logger;
  }

  current(): Generation | null {
    const target = this.#folder.liveTarget();
    if (target === this.#target) return this.#generation;
    try {
      this.#generation = target === undefined ? null : this.#folder.read(target);
      this.#target = target;
    } catch (error) {
      // Traffic goes on to where it went; the next request tries again.
      this.#logger.error('the live generation cannot be read', { error: messageOf(error) });
    }
    return this.#generation;
  }
}
