import { renderPlan } from '../render/plan.ts';
import { affectedSinceOption, type SelectionFlags } from './affected-since-option.ts';
import { type AddCommand, namedServices } from './command.ts';
import { type TrialFlags, withTrialOptions } from './trial-options.ts';

export const addPlan: AddCommand = (program, choose) => {
  withTrialOptions(program.command('plan'))
    .description('show what a deployment would do, and its hash; changes nothing')
    .argument('[services...]', 'services to deploy; all by default')
    .option('--ref <git-ref>', 'the commit, tag or branch to deploy; the working tree by default')
    .addOption(affectedSinceOption())
    .action((services: string[], { ref, affectedSince, canary, bake }: SelectionFlags & TrialFlags) => {
      choose({
        name: 'plan',
        run: async ({ environment, signal }) => {
          const plan = await environment.plan({
            services: namedServices(services),
            ref,
            affectedSince,
            canarySteps: canary,
            bakeMs: bake,
            signal,
          });
          const { hash, steps, services: planned, affected } = plan;
          return { data: { hash, steps, services: planned, affected }, render: (style) => renderPlan(plan, style) };
        },
      });
    });
};
