import { type Clock, messageOf } from '@maestro/core';
import { endProcessesOfFolder } from '@maestro/services/processes-of-folder';

import { type ContainerGround, openContainerGround } from './containers.ts';
import type { DemoEvent, DemoResult } from './events.ts';
import { startLoad } from './load.ts';
import { openMaestro, type RunMaestro } from './maestro-process.ts';
import { type CommitNumber, createProject, type DemoProject } from './project.ts';
import { failureOf, resultOf } from './result.ts';
import { readSite, readStoredNames } from './site.ts';
import { tellStory } from './story.ts';

export interface DemoOptions {
  /** Leave everything running at the end; not with containers. */
  readonly keep: boolean;
  /** Containers behind nginx, their images in an image repository, instead of processes. */
  readonly docker: boolean;
  readonly emit: (event: DemoEvent) => void;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const watchMs = 3_000;
// Some 200 requests a second: several in flight at any instant, also that of a switch, and a machine with two cores
// still has time to deploy.
const load = { connections: 16, pauseMs: 75, timeoutMs: 10_000 };

// By what the example runs on: containers start slower, and their first images are sent with all that is below them.
const patience = {
  processes: { slowestRollbackMs: 1_000, commandMs: 60_000 },
  containers: { slowestRollbackMs: 10_000, commandMs: 5 * 60_000 },
};

/** Deploys the example in a folder of its own, tells the story and leaves nothing behind unless asked to. */
export async function runDemo(options: DemoOptions): Promise<DemoResult> {
  const { docker, emit } = options;
  if (!docker) return await runOn(undefined, options);
  try {
    await using ground = await openContainerGround((message) => {
      emit({ type: 'preparing', message });
    });
    return await runOn(ground, options);
  } catch (error) {
    return failureOf(error);
  }
}

async function runOn(ground: ContainerGround | undefined, options: DemoOptions): Promise<DemoResult> {
  const { keep, emit, clock, signal } = options;
  let project: DemoProject;
  try {
    project = await createProject({ signal, ground });
  } catch (error) {
    return failureOf(error);
  }
  emit({ type: 'demo-started', folder: project.folder });
  const { commandMs } = patience[ground === undefined ? 'processes' : 'containers'];
  const maestro = openMaestro({ folder: project.folder, config: project.config, clock, deadlineMs: commandMs });
  const result = await play(options, project, maestro);
  if (keep && !signal.aborted) await sayHowToGoOn(project, maestro, emit);
  else await cleanUp(project, maestro, options);
  return result;
}

async function play(options: DemoOptions, project: DemoProject, maestro: RunMaestro): Promise<DemoResult> {
  const { emit, clock, signal } = options;
  const stage = {
    commit: (number: CommitNumber) => project.commit(number),
    maestro,
    startLoad: (url: string) => startLoad({ ...load, url }, clock),
    readSite,
    readStoredNames,
    emit,
    clock,
    watchMs,
  };
  try {
    const { slowestRollbackMs } = patience[options.docker ? 'containers' : 'processes'];
    return resultOf(await tellStory(stage, signal), { slowestRollbackMs });
  } catch (error) {
    return failureOf(error);
  }
}

async function sayHowToGoOn(project: DemoProject, maestro: RunMaestro, emit: DemoOptions['emit']): Promise<void> {
  const url = await maestro(['status']).then(
    (status) => status.url ?? null,
    () => null,
  );
  const where = `-e demo -c ${project.config}`;
  emit({
    type: 'kept',
    folder: project.folder,
    url,
    commands: [
      `npm run maestro -- status ${where}`,
      `npm run maestro -- history ${where}`,
      `npm run maestro -- stop --yes ${where} && rm -rf ${project.folder}`,
    ],
  });
}

async function cleanUp(project: DemoProject, maestro: RunMaestro, { emit }: DemoOptions): Promise<void> {
  try {
    const { error } = await maestro(['stop', '--yes']);
    if (error) emit({ type: 'warning', message: `maestro stop: ${error.message}` });
  } catch (error) {
    emit({ type: 'warning', message: `maestro stop: ${messageOf(error)}` });
  }
  const left = await endProcessesOfFolder(project.folder, { patienceMs: 3_000 });
  if (left > 0) emit({ type: 'warning', message: `${left} processes outlived maestro stop and were ended` });
  await project.remove();
}
