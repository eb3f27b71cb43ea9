import type { ReleaseStage } from '@maestro/registry';

import type { ScriptContext } from '../gates/script-gate.ts';

/** A function of a deploy script around a stage of a release. */
export interface ScriptHook {
  /** Unique among the hooks of the script. */
  readonly name: string;
  readonly stage: ReleaseStage;
  readonly when: 'before' | 'after';
  /** 60,000 by default. */
  readonly timeoutMs?: number | undefined;
  readonly run: (context: ScriptContext) => Promise<void> | void;
}

/** A hook that failed once traffic had moved, or in a rollback: nothing was stopped by it. */
export interface FailedHook {
  /** Of its step, such as `hook:after-switch:1`. */
  readonly id: string;
  readonly stage: ReleaseStage;
  readonly when: 'before' | 'after';
  readonly message: string;
}
