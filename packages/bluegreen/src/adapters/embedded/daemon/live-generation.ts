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
  #complaint = '';

  constructor(folder: GenerationFolder, logger: Logger) {
    this.#folder = folder;
    this.#logger = logger;
  }

  /** What cannot be read, or is lost, changes nothing: traffic goes on to where it went, and the next request tries again. */
  current(): Generation | null {
    try {
      const target = this.#folder.liveTarget();
      if (target === undefined && this.#target !== undefined) throw new Error('the link to it is gone');
      if (target !== undefined && target !== this.#target) {
        this.#generation = this.#folder.read(target);
        this.#target = target;
      }
      this.#complaint = '';
    } catch (error) {
      this.#complain(messageOf(error));
    }
    return this.#generation;
  }

  /** Once, not with every request. */
  #complain(complaint: string): void {
    if (complaint === this.#complaint) return;
    this.#complaint = complaint;
    this.#logger.error('the live generation cannot be read', { error: complaint });
  }
}
