import { join } from 'node:path';

import type { Clock } from '@maestro/core';

import { BlueGreenError } from '../../errors.ts';
import type { InstanceLogs, LogLine, LogQuery } from '../../ports/instance-logs.ts';
import type { Runtime } from '../../ports/runtime.ts';
import { slotName } from '../../slots.ts';
import { fileLines } from './file-lines.ts';
import type { StateLayout } from './state-layout.ts';

export interface EmbeddedLogsOptions {
  readonly layout: StateLayout;
  readonly runtime: Pick<Runtime, 'observe'>;
  readonly clock: Clock;
}

/** What processes write into their files since their last start. */
export class EmbeddedLogs implements InstanceLogs {
  readonly #options: EmbeddedLogsOptions;

  constructor(options: EmbeddedLogsOptions) {
    this.#options = options;
  }

  async *read({ tail, sinceMs, follow = false, signal, ...key }: LogQuery): AsyncGenerator<LogLine> {
    const { layout, runtime, clock } = this.#options;
    const path = join(layout.logs, `${slotName(key)}.log`);
    if (sinceMs !== undefined) throw untimed(path);
    const isWritten = async () => {
      const instances = await runtime.observe({ signal });
      const instance = instances.find(({ service, slot }) => service === key.service && slot === key.slot);
      // What crashed may be started again.
      return instance !== undefined && instance.state !== 'stopped';
    };
    const lines = fileLines({ path, tail, signal, follow: follow ? { isWritten, clock } : undefined });
    for await (const text of lines) yield { replica: 0, at: null, text };
  }
}

function untimed(path: string): BlueGreenError {
  return new BlueGreenError('BLUEGREEN_LOGS_UNTIMED', 'processes write their logs themselves, and nothing says when', {
    hint: `ask for the last lines instead, with --tail, or read ${path}`,
  });
}
