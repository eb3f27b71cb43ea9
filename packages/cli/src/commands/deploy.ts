import { affectedSinceOption, type SelectionFlags } from './affected-since-option.ts';
import { type AddCommand, namedServices } from './command.ts';
import { releaseResult } from './release-result.ts';
import { type TrialFlags, withTrialOptions } from './trial-options.ts';

export const addDeploy: AddCommand = (program, choose) => {
  withTrialOptions(program.command('deploy'))
    .description('deploy one release: build, migrate, start beside the old version, probe, switch')
    .argument('[services...]', 'services to deploy; all by default')
    .option('--ref <git-ref>', 'the commit, tag or branch to deploy; the working tree by default')
    .addOption(affectedSinceOption())
    .option('--pull-images', 'build nothing: images are those that were pushed already')
    .option('--plan <hash>', 'the hash of a plan seen before: refuse when it would now be another one')
    .action(
      (
        services: string[],
        flags: SelectionFlags & TrialFlags & { readonly plan?: string; readonly pullImages?: boolean },
      ) => {
        const { ref, affectedSince, plan, pullImages, canary, bake } = flags;
        choose({
          name: 'deploy',
          run: async ({ environment, onEvent, signal }) => {
            const selection = { services: namedServices(services), ref, affectedSince };
            const trial = { canarySteps: canary, bakeMs: bake };
            const options = { ...selection, planHash: plan, pullImages, ...trial, onEvent, signal };
            return releaseResult(environment, await environment.deploy(options));
          },
        });
      },
    );
};
