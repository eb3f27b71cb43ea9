import { isMaestroError, type JsonValue } from '@maestro/core';
import { createScrubber } from '@maestro/secrets';

import { lastLines } from '../commands/call.ts';
import { printedInWords } from '../commands/printed.ts';
import { OrchestratorError } from '../errors.ts';
import { jobSpec } from './instance-spec.ts';
import type { ServiceDefinition } from './release-definition.ts';
import type { ReleaseRun } from './release-run.ts';

/**
 * Runs a job to its end, once in each release: one that a killed deployer began is waited for, and run again only where
 * nobody can tell how it ended. Throws `ORCHESTRATOR_JOB_FAILED`.
 */
export async function runJob(run: ReleaseRun, service: ServiceDefinition, signal: AbortSignal): Promise<void> {
  const { name, strategy } = service;
  const id = `job:${name}`;
  await run.step(id, async () => {
    if (strategy.kind !== 'job') throw new Error(`the plan runs ${name}, which is no job`);
    const addresses = run.addresses?.services ?? {};
    const secrets = run.secrets.get(name) ?? {};
    const scrubber = createScrubber([...run.secrets.values()].flatMap((values) => Object.values(values)));
    const spec = jobSpec({ release: run.id, slot: null, service, addresses, secrets });
    try {
      const { exitCode, exit, lines } = await run.parts.jobs.run(
        { ...spec, timeoutMs: strategy.timeoutMs },
        { signal },
      );
      const printed = scrubbed(lines, scrubber);
      if (exitCode !== 0) throw jobFailed(name, `it ended with ${exit}`, printed);
      const last = printed.at(-1);
      if (last !== undefined) run.say(id, `${name}: ${last}`);
    } catch (error) {
      if (!isMaestroError(error, 'BLUEGREEN_JOB_TIMEOUT')) throw error;
      const { log } = error.details ?? {};
      throw jobFailed(name, `it did not end in ${strategy.timeoutMs} ms`, scrubbed(linesIn(log), scrubber));
    }
  });
}

/** As one text: a secret may go over several lines. */
function scrubbed(
  lines: readonly string[],
  { scrub }: { readonly scrub: (text: string) => string },
): readonly string[] {
  return lines.length === 0 ? [] : lastLines(scrub(lines.join('\n')));
}

function linesIn(log: JsonValue | undefined): readonly string[] {
  return Array.isArray(log) ? log.map(String) : [];
}

function jobFailed(service: string, detail: string, lines: readonly string[]): OrchestratorError {
  const message = `the job ${service} failed: ${detail}${printedInWords(lines, null)}`;
  return new OrchestratorError('ORCHESTRATOR_JOB_FAILED', message, {
    hint: 'mend the job, commit, and deploy again: it runs once in each release',
    details: { service, detail, lines: [...lines] },
  });
}
