import { messageOf, systemClock } from '@maestro/core';

import { GenerationFolder } from './generation-folder.ts';

/** What leads the traffic. */
export type LiveFacts =
  | { readonly kind: 'none' }
  | { readonly kind: 'live'; readonly number: number; readonly release: string }
  /** `live` leads nowhere, or to what is no generation. */
  | { readonly kind: 'unreadable'; readonly message: string };

/** Reads where the traffic of an environment goes, whatever router it has. */
export function observeLive({ stateFolder }: { readonly stateFolder: string }): LiveFacts {
  try {
    const live = new GenerationFolder({ folder: stateFolder, clock: systemClock }).live();
    return live === null ? { kind: 'none' } : { kind: 'live', number: live.number, release: live.release };
  } catch (error) {
    return { kind: 'unreadable', message: messageOf(error) };
  }
}
