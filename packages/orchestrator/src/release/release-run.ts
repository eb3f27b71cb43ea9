import type { BlueGreen, BlueGreenEvent, RouterAddresses } from '@maestro/bluegreen';
import { createEmitter, messageOf, type Redacted, reportError } from '@maestro/core';

import type { ReleaseEvent } from '../events.ts';
import type { OpenJournal } from '../journal/journal.ts';
import type { HeldLock } from '../lock/deployment-lock.ts';
import type { RunOptions } from '../environment.ts';
import type { ReleasePlan } from '../plan/plan-release.ts';
import type { Parts } from './parts.ts';
import type { ReleaseDefinition, ServiceDefinition } from './release-definition.ts';

export interface ReleaseRunOptions extends Pick<RunOptions, 'onEvent'> {
  readonly parts: Parts;
  readonly definition: ReleaseDefinition;
  readonly plan: ReleasePlan;
  readonly lock: HeldLock;
  readonly journal: OpenJournal;
}

const defaultTimeouts = { drainTimeoutMs: 30_000, stopTimeoutMs: 10_000 };

/** One release under way: its definition and plan, and the bookkeeping around each of its steps. */
export class ReleaseRun {
  readonly parts: Parts;
  readonly definition: ReleaseDefinition;
  readonly plan: ReleasePlan;
  readonly lock: HeldLock;
  readonly journal: OpenJournal;
  readonly blueGreen: BlueGreen;
  readonly emit: (event: ReleaseEvent) => void;
  readonly startedAt: number;
  addresses: RouterAddresses | undefined;
  /** Fetched secrets by service, in memory only. */
  readonly secrets = new Map<string, Readonly<Record<string, Redacted>>>();

  constructor({ parts, definition, plan, lock, journal, onEvent }: ReleaseRunOptions) {
    this.parts = parts;
    this.definition = definition;
    this.plan = plan;
    this.lock = lock;
    this.journal = journal;
    this.emit = createEmitter<ReleaseEvent>({ onEvent, clock: parts.clock, logger: parts.logger });
    this.blueGreen = parts.blueGreen((event) => {
      this.#relay(event);
    });
    this.startedAt = parts.clock.monotonic();
  }

  get id(): string {
    return this.definition.id;
  }

  /** How long a service may take to let go of its requests and to end, also one that the release takes away. */
  timeouts(name: string): Pick<ServiceDefinition, 'drainTimeoutMs' | 'stopTimeoutMs'> {
    return this.definition.services.find((service) => service.name === name) ?? defaultTimeouts;
  }

  elapsedMs(): number {
    return Math.round(this.parts.clock.monotonic() - this.startedAt);
  }

  /**
   * Does the step of this id where the plan has it: only while the lock is held, with a line in the journal before
   * and after, and events around it.
   */
  async step<T>(id: string, work: () => Promise<T>): Promise<T | undefined> {
    const step = this.plan.steps.find((one) => one.id === id);
    if (step === undefined) return undefined;
    const { clock } = this.parts;
    this.lock.assertHeld();
    await this.journal.append({ type: 'step-started', step: id, summary: step.summary });
    this.emit({ type: 'step-started', release: this.id, step });
    const start = clock.monotonic();
    const durationMs = () => Math.round(clock.monotonic() - start);
    try {
      const result = await work();
      await this.journal.append({ type: 'step-finished', step: id });
      this.emit({ type: 'step-finished', release: this.id, step, durationMs: durationMs() });
      return result;
    } catch (error) {
      const report = reportError(error);
      this.emit({ type: 'step-failed', release: this.id, step, durationMs: durationMs(), error: report });
      await this.#note({ type: 'step-failed', step: id, code: report.code, message: report.message });
      throw error;
    }
  }

  /** Appends to the journal where it is already too late to stop: what went wrong first is what counts. */
  async #note(entry: Parameters<OpenJournal['append']>[0]): Promise<void> {
    try {
      await this.journal.append(entry);
    } catch (error) {
      this.parts.logger.error('the journal could not be written', { release: this.id, error: messageOf(error) });
    }
  }

  /** Says something inside a step. */
  say(stepId: string, message: string): void {
    this.emit({ type: 'step-progress', release: this.id, stepId, message });
  }

  #relay(event: BlueGreenEvent): void {
    const { service } = event;
    switch (event.type) {
      case 'probe-failed':
        this.say(`probe:${service}`, `${service} in ${event.slot}: ${event.detail}`);
        return;
      case 'healthy':
        this.say(`probe:${service}`, `${service} in ${event.slot} is healthy after ${event.elapsedMs} ms`);
        return;
      case 'draining':
        this.say(
          `drain:${service}`,
          `${service} in ${event.slot}: ${event.requests} requests, ${event.connections} connections in flight`,
        );
        return;
      case 'drained':
        if (event.cut > 0) this.say(`drain:${service}`, `${service} in ${event.slot}: ${event.cut} were still open`);
    }
  }
}
