import type { Observer } from '@maestro/core';
import type { BatchEvent, CheckEvent, ImageEvent, ReleaseEvent, ScanEvent } from '@maestro/orchestrator';

import type { AnySecretsEvent } from '../render/secrets-events.ts';

/** What a command reports while it runs. */
export type CommandEvent = BatchEvent | CheckEvent | ImageEvent | ReleaseEvent | ScanEvent | AnySecretsEvent;

/** Shows a command under way. */
export interface Progress {
  readonly onEvent: Observer<CommandEvent>;
  /** Says something that is no event. */
  notice(text: string): void;
  /** Ends what is being shown, so that the result can follow. */
  close(): void;
}
