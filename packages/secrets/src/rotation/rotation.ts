import { isMaestroError, type Logger, type Redacted } from '@maestro/core';

import { conflict, missing, notAvailable } from '../errors.ts';
import type { ManagedSecretStore } from '../ports/managed-secret-store.ts';
import type { NamedSecret, RotationStrategy } from '../ports/rotation-strategy.ts';
import { inUse } from './errors.ts';
import type { RotatedSecret } from './rotate-secret.ts';
import type { RotationEvent } from './rotation-event.ts';
import {
  isOpenRotation,
  nextRotationStep,
  type RotationProgress,
  type RotationStep,
  type Stages,
} from './rotation-step.ts';

export interface RotationOptions {
  readonly store: ManagedSecretStore;
  readonly name: string;
  readonly strategy: RotationStrategy;
  readonly versionsInUse: readonly string[];
  readonly token: string | undefined;
  readonly emit: (event: RotationEvent) => void;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

type Step<Type extends RotationStep['type']> = Extract<RotationStep, { readonly type: Type }>;

/** So that a store which contradicts itself does not keep it going: each time, somebody else has been faster. */
const mostLost = 5;

/** One run of a rotation: looks at the store, does the next step, and looks again. */
export class Rotation {
  readonly #options: RotationOptions;
  readonly #values = new Map<string, Redacted>();
  #progress: RotationProgress | undefined;
  #outcome: RotatedSecret['outcome'] = 'unchanged';
  #lost = 0;

  constructor(options: RotationOptions) {
    this.#options = options;
  }

  async run(): Promise<RotatedSecret> {
    const { store, name, token, signal } = this.#options;
    let stages = await this.#stages();
    const begunAt = stages.current;
    for (;;) {
      signal.throwIfAborted();
      const follows = this.#progress === undefined && (await this.#follows(stages));
      const step = nextRotationStep({ stages, begunAt, token, follows, progress: this.#progress });
      if (step.type === 'conflict') throw conflict(store.name, name, step.problem);
      if (step.type === 'done') return this.#ended(step.version, stages);
      await this.#do(step);
      stages = await this.#stages();
    }
  }

  #do(step: Exclude<RotationStep, Step<'done' | 'conflict'>>): Promise<void> {
    switch (step.type) {
      case 'create':
        return this.#create(step);
      case 'resume':
        return this.#resume(step);
      case 'set':
        return this.#set(step);
      case 'test':
        return this.#test(step);
      case 'finish':
        return this.#finish(step);
    }
  }

  async #create({ from, replacing }: Step<'create'>): Promise<void> {
    const { store, name, strategy, token = crypto.randomUUID(), emit, logger, signal } = this.#options;
    const current = await this.#secret(from);
    const value = (await this.#written(current)) ?? (await strategy.next(current, { signal }));
    if (replacing !== undefined && replacing !== from) {
      logger.warn('a pending version is replaced', { name, version: replacing, current: from });
    }
    try {
      const { version: to } = await store.put(name, value, { stage: 'pending', replacing, token, signal });
      this.#values.set(to, value);
      this.#progress = { from, to, reached: 'created' };
      this.#outcome = 'rotated';
      emit({ type: 'rotation-created', name, from, to });
    } catch (error) {
      // Somebody else has created one: then that is the one to go on with.
      this.#lose(error);
    }
  }

  /** What an earlier attempt with the caller's token has written, and had no time to make pending. */
  async #written(current: NamedSecret): Promise<Redacted | undefined> {
    const { strategy, token } = this.#options;
    const written = token === undefined ? undefined : await this.#fetched(token);
    return written !== undefined && strategy.follows(written, current) ? written.value : undefined;
  }

  async #resume({ from, to }: Step<'resume'>): Promise<void> {
    const { name, emit } = this.#options;
    this.#progress = { from, to, reached: 'created' };
    this.#outcome = 'resumed';
    emit({ type: 'rotation-resumed', name, from, to });
    return Promise.resolve();
  }

  async #set({ from, to }: Step<'set'>): Promise<void> {
    const { name, strategy, emit, signal } = this.#options;
    const pending = await this.#secret(to);
    await this.#refuseInUse(to, strategy.loginOf(pending));
    const confirm = async () => {
      if (await this.#isStill(from, to)) return;
      throw conflict(this.#options.store.name, name, `version ${to} is no longer the one to follow ${from}`);
    };
    try {
      await strategy.set(pending, { confirm, signal });
      this.#progress = { from, to, reached: 'set' };
      emit({ type: 'rotation-set', name, to });
    } catch (error) {
      this.#lose(error);
    }
  }

  async #test({ from, to }: Step<'test'>): Promise<void> {
    const { name, strategy, emit, signal } = this.#options;
    try {
      await strategy.test(await this.#secret(to), { signal });
      this.#progress = { from, to, reached: 'tested' };
      emit({ type: 'rotation-tested', name, to });
    } catch (error) {
      // Others that have finished it may have rotated again since.
      if (await this.#isStill(from, to)) throw error;
    }
  }

  async #finish({ from, to }: Step<'finish'>): Promise<void> {
    const { store, name, emit, signal } = this.#options;
    try {
      await store.moveStage(name, { stage: 'current', from, to, signal });
      emit({ type: 'rotation-finished', name, from, to });
    } catch (error) {
      this.#lose(error);
    }
  }

  /** Somebody else was faster: what that means is seen at the next look at the store. */
  #lose(error: unknown): void {
    this.#lost += 1;
    if (!isMaestroError(error, 'SECRETS_CONFLICT') || this.#lost === mostLost) throw error;
  }

  async #isStill(from: string, to: string): Promise<boolean> {
    const { current, pending } = await this.#stages();
    return current === from && pending === to;
  }

  #ended(version: string, { current, previous }: Stages): RotatedSecret {
    const before = version === current ? previous : undefined;
    return { name: this.#options.name, version, previous: this.#progress?.from ?? before, outcome: this.#outcome };
  }

  async #refuseInUse(to: string, login: string): Promise<void> {
    const { name, strategy, versionsInUse } = this.#options;
    for (const version of versionsInUse.filter((version) => version !== to)) {
      if (strategy.loginOf(await this.#secret(version)) === login) throw inUse(name, login, version);
    }
  }

  /** What cannot be read as a login follows nothing. */
  async #follows(stages: Stages): Promise<boolean> {
    const { current, pending } = stages;
    if (current === undefined || pending === undefined || !isOpenRotation(stages)) return false;
    const [before, after] = [await this.#secret(current), await this.#secret(pending)];
    try {
      return this.#options.strategy.follows(after, before);
    } catch (error) {
      if (isMaestroError(error, 'SECRETS_INVALID')) return false;
      throw error;
    }
  }

  async #stages(): Promise<Stages> {
    const { store, name, signal } = this.#options;
    const described = await store.describe(name, { signal });
    if (described === undefined) throw missing(store.name, name);
    return described.stages;
  }

  /** By its version, which never changes. */
  async #secret(version: string): Promise<NamedSecret> {
    const { store, name } = this.#options;
    const fetched = await this.#fetched(version);
    if (fetched !== undefined) return fetched;
    throw notAvailable(store.name, [{ need: { name, services: [], through: [] }, reason: 'version-gone' }]);
  }

  /** Undefined for a version that is not there. */
  async #fetched(version: string): Promise<NamedSecret | undefined> {
    const { store, name, signal } = this.#options;
    const known = this.#values.get(version);
    if (known !== undefined) return { name, value: known };
    const { found, failed } = await store.fetch([name], { pins: new Map([[name, { version }]]), signal });
    const failure = failed.get(name);
    if (failure !== undefined && failure.reason !== 'version-gone') {
      throw notAvailable(store.name, [{ need: { name, services: [], through: [] }, ...failure }]);
    }
    const value = found.get(name)?.value;
    if (value === undefined) return undefined;
    this.#values.set(version, value);
    return { name, value };
  }
}
