import type { SuiteOf } from '@maestro/services';
import { expect } from 'vitest';

import type { Environment } from '../../src/index.ts';
import type { FullDeployment, KillPoint } from './full-deployment.ts';
import { expectGoodState, expectNothingKept } from './good-state.ts';
import { type Death, runToDeath } from './run-and-die.ts';

export type Recovery = 'abort' | 'resume';

export interface KillOptions {
  /** Whether nginx has to be reloaded for it. */
  readonly reshaped: boolean;
  /** Whether what is undone is deployed again right away; otherwise it comes with the next version. */
  readonly again: boolean;
}

/** Deploys version after version to one project, each by a deployer that is killed. */
export class KilledDeployments {
  readonly #deployment: FullDeployment;
  readonly #docker: SuiteOf<'docker'>;
  #latest = 1;
  /** What answers. */
  #live = { version: '1', port: 8080 };

  constructor(deployment: FullDeployment, docker: SuiteOf<'docker'>) {
    this.#deployment = deployment;
    this.#docker = docker;
  }

  /** Deploys the next version, if `reshaped` with a reload of nginx. */
  async deploy({ reshaped }: Pick<KillOptions, 'reshaped'>, work: (environment: Environment) => Promise<void>) {
    const following = await this.#commit(reshaped);
    await using environment = await this.#deployment.open();
    await work(environment);
    this.#live = following;
    await this.#expectGoodState(environment, 'an undisturbed deployment');
  }

  /** Kills a deployer at a point, looks at what that leaves, and finishes or undoes it. */
  async killAndRecover(point: KillPoint, recovery: Recovery, options: KillOptions): Promise<void> {
    const { step, moment, delayMs } = point;
    const what = `${recovery} of a deployer killed when ${step.id} had ${moment}`;
    const following = await this.#commit(options.reshaped || step.kind === 'reload');
    await using environment = await this.#deployment.open();
    const before = await newestRecord(environment);
    const death: Death = { moment: moment === 'finished' ? 'finished' : 'started', step: step.id, delayMs };
    const killed = await runToDeath(this.#deployment.project, death);
    // Meanwhile a step may have ended, and everything after it.
    if (moment !== 'amid') expect(killed, what).toBe(true);

    const { interrupted, lock } = await environment.status();
    expect(lock, what).toBeNull();
    const after = await newestRecord(environment);
    const unrecorded = interrupted === null ? 'unwritten' : interrupted.switched ? 'switched' : 'written';
    const stage = after?.id === before?.id ? unrecorded : 'ended';
    if (moment !== 'amid') expect(stage, what).toBe(point.stage);

    if (interrupted === null) {
      await expect(environment[recovery](), what).rejects.toMatchObject({ code: 'ORCHESTRATOR_NOTHING_INTERRUPTED' });
      if (stage === 'ended') this.#live = following;
    } else {
      await expect(environment.deploy(), what).rejects.toMatchObject({ code: 'ORCHESTRATOR_INTERRUPTED' });
      const { outcome } = await environment[recovery]();
      expect(outcome, what).toBe(recovery === 'resume' ? 'deployed' : 'aborted');
      if (recovery === 'resume') this.#live = following;
      const records = (await environment.history()).slice(0, recovery === 'abort' && stage === 'switched' ? 2 : 1);
      const outcomes = records.map((record) => [record.kind, record.outcome]);
      const last = ['deploy', recovery === 'resume' ? 'deployed' : 'aborted'];
      expect(outcomes, what).toEqual(records.length === 2 ? [['rollback', 'rolled-back'], last] : [last]);
      expect(records.at(-1)?.id, what).toBe(interrupted.release);
      await expectNothingKept(this.#deployment, what);
    }
    await this.#expectGoodState(environment, what);
    if (options.again || interrupted === null) await this.#deployAgain(environment, what, following);
  }

  /** The steps by which a deployment that was cut off at a point is finished or undone. */
  async stepsAfter(first: Death, recovery: Recovery): Promise<readonly string[]> {
    const following = await this.#commit(false);
    expect(await runToDeath(this.#deployment.project, first)).toBe(true);
    await using environment = await this.#deployment.open();
    const steps: string[] = [];
    await environment[recovery]({
      onEvent: (event) => {
        if (event.type === 'step-finished') steps.push(event.step.id);
      },
    });
    if (recovery === 'resume') this.#live = following;
    await this.#expectGoodState(environment, `${recovery} of a deployer killed when ${first.step} had ${first.moment}`);
    return steps;
  }

  /** Kills a deployer, then who finishes or undoes it, and recovers from that. */
  async killTwice(first: Death, second: Death, recovery: Recovery): Promise<void> {
    const what = `${recovery} of a ${second.operation ?? 'deploy'} killed when ${second.step} had ${second.moment}`;
    const following = await this.#commit(false);
    expect(await runToDeath(this.#deployment.project, first), what).toBe(true);
    const killed = await runToDeath(this.#deployment.project, second);
    await using environment = await this.#deployment.open();
    let { interrupted } = await environment.status();
    // Some time later it may have ended by itself.
    if ((second.delayMs ?? 0) === 0) expect([killed, interrupted !== null], what).toEqual([true, true]);
    // An abort that was cut off has left a rollback, and beneath it what it undoes.
    for (let times = 0; interrupted !== null && times < 3; times += 1) {
      await environment[recovery]();
      ({ interrupted } = await environment.status());
    }
    const { url } = await environment.status();
    const answer = (await (await fetch(url ?? '')).json()) as { readonly version: string };
    expect([this.#live.version, following.version], what).toContain(answer.version);
    if (answer.version === following.version) this.#live = following;
    await this.#expectGoodState(environment, what);
  }

  async #deployAgain(environment: Environment, what: string, following: { version: string; port: number }) {
    const again = await environment.deploy();
    const isLive = this.#live.version === following.version;
    expect(again.outcome, `the deployment after ${what}`).toBe(isLive ? 'unchanged' : 'deployed');
    this.#live = following;
    await expectNothingKept(this.#deployment, what);
    await this.#expectGoodState(environment, `the deployment after ${what}`);
  }

  async #commit(reshaped: boolean) {
    this.#latest += 1;
    const version = String(this.#latest);
    const port = reshaped ? 11_080 - this.#live.port : this.#live.port;
    await this.#deployment.commit(version, port);
    return { version, port };
  }

  async #expectGoodState(environment: Environment, what: string): Promise<void> {
    const { version } = this.#live;
    await expectGoodState({ project: this.#deployment.project, docker: this.#docker, environment, version, what });
  }
}

async function newestRecord(environment: Environment) {
  return (await environment.history()).at(0);
}
