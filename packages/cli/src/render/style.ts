import type { Colors } from '../terminal.ts';

/** What the same data looks like to different readers. */
export interface Style {
  readonly colors: Colors;
  /** Milliseconds since 1970, for ages. */
  readonly now: number;
}
