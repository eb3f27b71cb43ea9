import { messageOf } from '@maestro/core';

import type { CommandProbe, ProbeResult } from '../../ports/probe.ts';
import type { EngineContainers } from './engine-containers.ts';
import { EngineRefusal } from './engine-refusal.ts';

const shownLines = 3;

/** Runs a health check's command in each container of an instance, as the user that the container runs as. */
export function dockerCommandProbe(containers: EngineContainers): CommandProbe {
  return async ({ key, command, timeoutMs, signal }) => {
    try {
      const listed = await containers.list('instance', { key, signal });
      const replicas = listed.filter(({ State }) => State === 'running');
      if (replicas.length === 0) return failed('broken', 'no container of it runs');
      const within = { timeoutMs, signal };
      const results = await Promise.all(replicas.map(({ Id }) => inOne(containers, Id, { command, ...within })));
      return results.find(({ healthy }) => !healthy) ?? { healthy: true };
    } catch (error) {
      return failed('broken', messageOf(error));
    }
  };
}

async function inOne(
  containers: EngineContainers,
  container: string,
  options: { readonly command: readonly string[]; readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<ProbeResult> {
  const outcome = await containers.exec(container, options).catch((error: unknown) => {
    // The engine refuses what is no program there.
    if (error instanceof EngineRefusal) return failed('failed', error.message);
    throw error;
  });
  if ('healthy' in outcome) return outcome;
  if (outcome.exitCode === null) return failed('timeout', `did not end within ${options.timeoutMs} ms`);
  if (outcome.exitCode === 0) return { healthy: true };
  const printed = outcome.lines.slice(-shownLines).join('; ');
  return failed('failed', `ended with ${outcome.exitCode}${printed === '' ? '' : `: ${printed}`}`);
}

function failed(reason: 'broken' | 'failed' | 'timeout', detail: string): ProbeResult {
  return { healthy: false, reason, detail };
}
