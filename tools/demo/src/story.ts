import type { Clock } from '@maestro/core';

import { DemoError } from './errors.ts';
import type { DemoEvent } from './events.ts';
import type { Load } from './load.ts';
import { type LoadReport, since } from './load-report.ts';
import type { MaestroResult, RunMaestro } from './maestro-process.ts';
import type { CommitNumber } from './project.ts';
import { compareStored, type Site, siteProblems } from './site.ts';
import type { Findings, StepRelease } from './verdict.ts';

/** The parts the story is played with. */
export interface Stage {
  readonly commit: (number: CommitNumber) => Promise<string>;
  readonly maestro: RunMaestro;
  readonly startLoad: (url: string) => Load;
  readonly readSite: (url: string, signal?: AbortSignal) => Promise<Site>;
  readonly readStoredNames: (url: string, signal?: AbortSignal) => Promise<readonly string[]>;
  readonly emit: (event: DemoEvent) => void;
  readonly clock: Clock;
  /** How long users are watched after each step. */
  readonly watchMs: number;
}

type Outcome = 'deployed' | 'refused' | 'rolled-back';

interface Step {
  readonly title: string;
  readonly command: 'deploy' | 'rollback';
  readonly outcome: Outcome;
}

/** Plays the whole story. Throws `DEMO_STEP_FAILED` when a step does not end as it should, since nothing after it would tell anything. */
export async function tellStory(stage: Stage, signal: AbortSignal): Promise<Findings> {
  const { commit, readSite, readStoredNames } = stage;

  const first = await commit(1);
  const releases = [await play(stage, { title: 'Deploy commit 1', command: 'deploy', outcome: 'deployed' }, signal)];
  const url = await addressOf(stage, signal);

  await using load = stage.startLoad(url);
  const audience = new Audience(stage, load);
  await audience.watch('Deploy commit 1', first, signal);
  const problems = siteProblems(await readSite(url, signal), { revision: first, hasCategories: false });

  const second = await commit(2);
  await load.expect(null);
  releases.push(await play(stage, { title: 'Deploy commit 2', command: 'deploy', outcome: 'deployed' }, signal));
  await audience.watch('Deploy commit 2', second, signal);
  problems.push(...siteProblems(await readSite(url, signal), { revision: second, hasCategories: true }));

  // Never healthy. Every answer must go on coming from commit 2, also while the deployment is under way.
  await commit(3);
  releases.push(await play(stage, { title: 'Deploy commit 3', command: 'deploy', outcome: 'refused' }, signal));
  await audience.watch('Deploy commit 3', second, signal);
  problems.push(...siteProblems(await readSite(url, signal), { revision: second, hasCategories: true }));

  await load.expect(null);
  const back = await play(
    stage,
    { title: 'Roll back to commit 1', command: 'rollback', outcome: 'rolled-back' },
    signal,
  );
  releases.push(back);
  await audience.watch('Roll back to commit 1', first, signal);
  problems.push(...siteProblems(await readSite(url, signal), { revision: first, hasCategories: false }));

  const { report, sent } = await load.stop();
  return {
    releases,
    load: report,
    acknowledgedPosts: sent.acknowledged.length,
    stored: compareStored(sent, await readStoredNames(url, signal)),
    rollbackMs: back.durationMs,
    siteProblems: problems,
  };
}

async function play({ maestro, emit, clock }: Stage, { title, command, outcome }: Step, signal: AbortSignal) {
  emit({ type: 'step-started', title });
  const startedAt = clock.monotonic();
  const result = await maestro([command], {
    signal,
    onEvent: (event) => {
      emit({ type: 'maestro', event });
    },
  });
  if (result.outcome !== outcome) throw stepFailed(title, outcome, result);
  const release: StepRelease = {
    title,
    outcome,
    // A refusal is an error, and those do not tell how long it took.
    durationMs: Math.round(result.durationMs ?? clock.monotonic() - startedAt),
    switchMs: result.switchMs ?? null,
    reason: result.error?.message ?? null,
  };
  emit({ type: 'step-finished', release });
  return release;
}

function stepFailed(title: string, outcome: Outcome, { outcome: actual, error }: MaestroResult): DemoError {
  const said = error ? `: ${error.code} ${error.message}` : '';
  return new DemoError('DEMO_STEP_FAILED', `${title}: expected ${outcome}, got ${actual ?? 'no release'}${said}`, {
    ...(error?.hint ? { hint: error.hint } : {}),
  });
}

async function addressOf({ maestro }: Stage, signal: AbortSignal): Promise<string> {
  const { url, error } = await maestro(['status'], { signal });
  if (typeof url === 'string') return url;
  throw new DemoError('DEMO_STEP_FAILED', `maestro status told no url${error ? `: ${error.message}` : ''}`);
}

/** Tells step by step what the users saw. */
class Audience {
  readonly #stage: Stage;
  readonly #load: Load;
  #before: LoadReport = { requests: 0, failedRequests: 0, slowestMs: 0, versions: {}, failures: [] };

  constructor(stage: Stage, load: Load) {
    this.#stage = stage;
    this.#load = load;
  }

  /** Watches for a while that only `revision` answers, then tells what was seen since the last time. */
  async watch(title: string, revision: string, signal: AbortSignal): Promise<void> {
    const { clock, watchMs, emit } = this.#stage;
    await this.#load.expect(revision);
    await clock.sleep(watchMs, signal);
    const now = await this.#load.report();
    emit({ type: 'load', title, report: since(this.#before, now) });
    this.#before = now;
  }
}
