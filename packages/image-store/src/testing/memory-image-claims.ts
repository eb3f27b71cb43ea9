import { type Clock, silentLogger, systemClock } from '@maestro/core';

import type { ImageClaims } from '../ports/image-claims.ts';
import { NotedClaims } from '../retention/noted-claims.ts';

/** Claims that are forgotten with their process. */
export function openMemoryImageClaims({ clock = systemClock }: { readonly clock?: Clock } = {}): ImageClaims {
  const held = new Map<string, string>();
  const notes = {
    write: (name: string, text: string) => {
      held.set(name, text);
      return Promise.resolve();
    },
    remove: (name: string) => {
      held.delete(name);
      return Promise.resolve();
    },
    names: () => Promise.resolve([...held.keys()]),
    read: (name: string) => Promise.resolve(held.get(name)),
  };
  return new NotedClaims({ notes, clock, logger: silentLogger });
}
