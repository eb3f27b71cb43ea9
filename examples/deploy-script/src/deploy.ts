// A project's own deploy script: deploy a commit, look at it as a user would, go back if it is not what it should be.
// node deploy.ts <maestro.config.ts> <environment> [git ref]
import { isMaestroError } from '@maestro/core';
import { type Environment, openEnvironment, type ReleaseEvent } from '@maestro/orchestrator';

const [config = 'maestro.config.ts', environment = 'development', ref = 'HEAD'] = process.argv.slice(2);

await using target = await openEnvironment({ config, environment });
process.exitCode = await deployAndVerify(target);

async function deployAndVerify(target: Environment): Promise<number> {
  try {
    const plan = await target.plan({ ref });
    say(plan.steps.length === 0 ? 'nothing to do' : `${plan.steps.length} steps, plan ${plan.hash}`);
    const release = await target.deploy({ ref, planHash: plan.hash, onEvent: report });
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
