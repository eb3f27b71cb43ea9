import type { Observer } from '@maestro/core';
import type { ReleaseEvent } from '@maestro/orchestrator';

/** Shows a release under way. */
export interface Progress {
  readonly onEvent: Observer<ReleaseEvent>;
  /** Says something that is no event. */
  notice(text: string): void;
  /** Ends what is being shown, so that the result can follow. */
  close(): void;
}
