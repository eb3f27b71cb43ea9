// A project's own deploy script: deploy a commit, ask each new version before it gets traffic, look at the result as a user
// would, go back if it is not what it should be.
// node deploy.ts <maestro.config.ts> <environment> [git ref]
import { isMaestroError } from '@maestro/core';
import {
  type Environment,
  openEnvironment,
  type ReleaseEvent,
  type ScriptGate,
  type ScriptHook,
} from '@maestro/orchestrator';

const [config = 'maestro.config.ts', environment = 'development', ref = 'HEAD'] = process.argv.slice(2);

/** No new version gets traffic before it has said which one it is. */
const version: ScriptGate = {
  name: 'version',
  after: 'probe',
  check: async ({ release, signal }) => {
    for (const { name, change, url } of release.services) {
      if (change === 'keep') continue;
      const { status } = await fetch(`${url ?? ''}/version`, { signal });
      if (status !== 200) throw new Error(`${name} answers GET /version with ${status}`);
    }
  },
};

/** Whoever is to be told of a release: a chat, a cache, a board. */
const tell: ScriptHook = {
  name: 'tell',
  stage: 'switch',
  when: 'after',
  run: ({ release }) => {
    say(`release ${release.release} by ${release.by} has the traffic`);
  },
};

await using target = await openEnvironment({ config, environment });
process.exitCode = await deployAndVerify(target);

async function deployAndVerify(target: Environment): Promise<number> {
  try {
    const own = { ref, gates: [version], hooks: [tell] };
    const plan = await target.plan(own);
    say(plan.steps.length === 0 ? 'nothing to do' : `${plan.steps.length} steps, plan ${plan.hash}`);
    const release = await target.deploy({ ...own, planHash: plan.hash, onEvent: report });
    say(`${release.outcome} in ${release.durationMs} ms`);
    if (release.outcome === 'unchanged' || (await looksRight(target))) return 0;

    const back = await target.rollback({ onEvent: report });
    say(`the site did not look right: ${back.outcome} in ${back.durationMs} ms`);
  } catch (error) {
    if (!isMaestroError(error)) throw error;
    say(`${error.code}: ${error.message}`);
    if (error.hint !== undefined) say(`next: ${error.hint}`);
  }
  return 1;
}

/** Whatever this project wants to see after a deployment; here, that the front page answers. */
async function looksRight(target: Environment): Promise<boolean> {
  const { url } = await target.status();
  return url !== null && (await fetch(url)).ok;
}

function report(event: ReleaseEvent): void {
  if (event.type === 'step-finished') say(`${event.step.summary}: ${event.durationMs} ms`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
