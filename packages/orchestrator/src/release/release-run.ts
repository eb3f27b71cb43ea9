import type { BlueGreen, BlueGreenEvent, Generation, Move, RouterAddresses } from '@maestro/bluegreen';
import { createEmitter, messageOf, type Redacted, reportError } from '@maestro/core';

import type { Caller } from '../commands/call.ts';
import type { ReleaseEvent } from '../events.ts';
import type { ScriptGate } from '../gates/script-gate.ts';
import type { FailedHook, ScriptHook } from '../hooks/script-hook.ts';
import type { OpenJournal } from '../journal/journal.ts';
import type { HeldLock } from '../lock/deployment-lock.ts';
import type { RunOptions, UnjudgedVersions } from '../environment.ts';
import type { ReleasePlan } from '../plan/plan-release.ts';
import type { Parts } from './parts.ts';
import type { ReleaseDefinition, ServiceDefinition } from './release-definition.ts';

export interface ReleaseRunOptions extends Pick<RunOptions, 'onEvent'> {
  readonly parts: Parts;
  readonly definition: ReleaseDefinition;
  readonly plan: ReleasePlan;
  readonly lock: HeldLock;
  readonly journal: OpenJournal;
  /** Functions of the script that deploys or resumes. */
  readonly scripts?: Scripts | undefined;
  /** When the release began, by the clock's monotonic time; now by default. */
  readonly start?: number;
}

/** Functions of a deploy script, which a release knows by name only. */
export interface Scripts {
  readonly gates: readonly ScriptGate[];
  readonly hooks: readonly ScriptHook[];
}

const defaultTimeouts = { drainTimeoutMs: 30_000, longLivedTimeoutMs: null, stopTimeoutMs: 10_000 };

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
  /** The generation that the release goes on from: the one that was live when it began, or one that it made itself. */
  generation: Generation | null = null;
  /** When services that cannot run twice were taken out of the traffic, by the clock's monotonic time. */
  awaySince: number | null = null;
  /** How long the rename took that moved the traffic; null before it. */
  switchMs: number | null = null;
  /** What went on without being judged. */
  readonly unjudged: UnjudgedVersions[] = [];
  /** Hooks that failed and stopped nothing. */
  readonly failedHooks: FailedHook[] = [];
  readonly scripts: Scripts;
  /** The step that watches new versions now. */
  #watching = 'bake';
  /** Fetched secrets by service, in memory only. */
  readonly secrets = new Map<string, Readonly<Record<string, Redacted>>>();

  constructor(options: ReleaseRunOptions) {
    const { parts, definition, plan, lock, journal, onEvent, start, scripts } = options;
    this.parts = parts;
    this.definition = definition;
    this.plan = plan;
    this.lock = lock;
    this.journal = journal;
    this.scripts = scripts ?? { gates: [], hooks: [] };
    this.emit = createEmitter<ReleaseEvent>({ onEvent, clock: parts.clock, logger: parts.logger });
    this.blueGreen = parts.blueGreen((event) => {
      this.#relay(event);
    });
    this.startedAt = start ?? parts.clock.monotonic();
  }

  get id(): string {
    return this.definition.id;
  }

  /** Called right before a switch: whoever lost the lock must not move traffic. */
  readonly fence = (): void => {
    this.lock.assertHeld();
  };

  isWorker(service: string): boolean {
    return this.definition.services.some(({ name, strategy }) => name === service && strategy.kind === 'worker');
  }

  moveOf(service: string): Move | undefined {
    return this.plan.moves.find((move) => move.service === service);
  }

  /** The services that a new or another instance gets to work for. */
  moved(): readonly ServiceDefinition[] {
    return this.definition.services.filter(({ name }) => {
      const kind = this.moveOf(name)?.kind;
      return kind === 'start' || kind === 'reuse';
    });
  }

  /** The services that it runs to their end. */
  jobs(): readonly ServiceDefinition[] {
    return this.definition.services.filter(({ name }) => this.has(`job:${name}`));
  }

  /** The services that it needs the image of. */
  changed(): readonly ServiceDefinition[] {
    return [...this.moved(), ...this.jobs()];
  }

  /** On whose behalf gates and hooks are called. */
  get caller(): Caller {
    const { parts, definition, plan, secrets } = this;
    return {
      parts,
      facts: { ...definition, project: parts.environment.project, plan },
      known: secrets,
      instances: async () => (await this.blueGreen.observe()).instances,
    };
  }

  /** How long a service may take to let go of its requests and to end, also one that the release takes away. */
  timeouts(name: string): Pick<ServiceDefinition, 'drainTimeoutMs' | 'longLivedTimeoutMs' | 'stopTimeoutMs'> {
    return this.definition.services.find((service) => service.name === name) ?? defaultTimeouts;
  }

  /** Whether the plan has this step. */
  has(id: string): boolean {
    return this.plan.steps.some((step) => step.id === id);
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

  #goesUnjudged(versions: UnjudgedVersions): void {
    const { step, percent, services } = versions;
    this.unjudged.push(versions);
    const where = percent === null ? '' : ` at ${percent} %`;
    this.say(step, `${services.join(', ')}: not judged${where}, too few requests`);
  }

  #relay(event: BlueGreenEvent): void {
    switch (event.type) {
      case 'probe-failed':
        this.say(`probe:${event.service}`, `${event.service} in ${event.slot}: ${event.detail}`);
        return;
      case 'healthy':
        this.say(`probe:${event.service}`, `${event.service} in ${event.slot} is healthy after ${event.elapsedMs} ms`);
        return;
      case 'draining': {
        const { service, slot, requests, connections } = event;
        this.say(
          `drain:${service}`,
          `${service} in ${slot}: ${requests} requests, ${connections} connections in flight`,
        );
        return;
      }
      case 'drained': {
        const { service, slot, cut } = event;
        if (cut > 0) this.say(`drain:${service}`, `${service} in ${slot}: ${cut} were still open`);
        return;
      }
      case 'canary-step':
        this.#watching = 'canary';
        this.say('canary', `${event.percent} % of the requests for ${event.services.join(', ')}`);
        return;
      case 'canary-unjudged':
        this.#goesUnjudged({ step: 'canary', percent: event.percent, services: event.services });
        return;
      case 'bake-started':
        this.#watching = 'bake';
        this.say('bake', `${event.services.join(', ')}: watched for ${event.bakeMs} ms`);
        return;
      case 'bake-finished':
        if (event.unjudged.length > 0) this.#goesUnjudged({ step: 'bake', percent: null, services: event.unjudged });
        return;
      case 'found-worse':
        this.say(this.#watching, `${event.service} in ${event.slot}: ${event.detail}`);
        return;
      case 'switched-back':
        this.say(this.#watching, `${event.services.join(', ')}: the traffic is back where it was`);
    }
  }
}
