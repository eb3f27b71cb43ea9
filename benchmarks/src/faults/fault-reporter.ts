import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

import type { Reporter, TestModule } from 'vitest/node';

import { describeMachine, type Machine } from '../machine.ts';
import { addUp } from './add-up.ts';
import type { FaultResults, FaultTest } from './fault-results.ts';

const root = join(import.meta.dirname, '../../..');

/**
 * Writes what tests have recorded of faults: for each file of them one, in the folder that `MAESTRO_RESULTS` names. Vitest
 * takes the default export of a reporter's file.
 */
export default class FaultReporter implements Reporter {
  #machine: Promise<Machine> | undefined;
  #at = '';

  onTestRunStart(): void {
    this.#at = new Date().toISOString();
    // Before tests make the machine busy.
    this.#machine ??= describeMachine();
  }

  /** At once: what is counted in files before a run is interrupted is kept. */
  async onTestModuleEnd(module: TestModule): Promise<void> {
    const folder = process.env.MAESTRO_RESULTS;
    if (folder === undefined || this.#machine === undefined) return;
    const tests = testsOf(module);
    const file = relative(root, module.moduleId);
    const path = join(folder, `${nameOf(file)}.json`);
    // One that failed before it recorded anything does not leave the results of an earlier run standing.
    if (!tests.some(({ faults }) => faults.length > 0) && !existsSync(path)) return;
    const results: FaultResults = { file, machine: await this.#machine, at: this.#at, tests };
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, `${JSON.stringify(results, null, 2)}\n`);
  }
}

/** Those that recorded something, and those that failed, which may not have come to that. */
function testsOf(module: TestModule): readonly FaultTest[] {
  return [...module.children.allTests()]
    .map((test) => ({
      name: test.fullName,
      passed: test.result().state === 'passed',
      skipped: test.result().state === 'skipped',
      faults: addUp(test.meta().faults ?? []),
    }))
    .filter(({ passed, skipped, faults }) => faults.length > 0 || (!passed && !skipped))
    .map(({ name, passed, faults }) => ({ name, passed, faults }));
}

/** `orchestrator.killed` for `packages/orchestrator/tests/integration/killed.test.ts`. */
function nameOf(file: string): string {
  const folders = new Set(['packages', 'examples', 'tools', 'tests', 'integration']);
  const parts = file.replace(/\.test\.ts$/, '').split('/');
  return parts.filter((part) => !folders.has(part)).join('.');
}
