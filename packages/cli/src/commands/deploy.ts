import { type AddCommand, namedServices } from './command.ts';
import { releaseResult } from './release-result.ts';
import { type TrialFlags, withTrialOptions } from './trial-options.ts';

export const addDeploy: AddCommand = (program, choose) => {
  withTrialOptions(program.command('deploy'))
    .description('deploy one release: build, migrate, start beside the old version, probe, switch')
    .argument('[services...]', 'services to deploy; all by default')
    .option('--ref <git-ref>', 'the commit, tag or branch to deploy; the working tree by default')
    .option('--plan <hash>', 'the hash of a plan seen before: refuse when it would now be another one')
    .action((services: string[], { ref, plan, canary, bake }: { ref?: string; plan?: string } & TrialFlags) => {
      choose({
        name: 'deploy',
        run: async ({ environment, onEvent, signal }) => {
          const trial = { canarySteps: canary, bakeMs: bake };
          const options = { services: namedServices(services), ref, planHash: plan, ...trial, onEvent, signal };
          return releaseResult(environment, await environment.deploy(options));
        },
      });
    });
};
