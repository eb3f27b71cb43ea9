import { renderPlan } from '../render/plan.ts';
import { type AddCommand, namedServices } from './command.ts';
import { type TrialFlags, withTrialOptions } from './trial-options.ts';

export const addPlan: AddCommand = (program, choose) => {
  withTrialOptions(program.command('plan'))
    .description('show what a deployment would do, and its hash; changes nothing')
    .argument('[services...]', 'services to deploy; all by default')
    .option('--ref <git-ref>', 'the commit, tag or branch to deploy; the working tree by default')
    .action((services: string[], { ref, canary, bake }: { ref?: string } & TrialFlags) => {
      choose({
        name: 'plan',
        run: async ({ environment, signal }) => {
          const plan = await environment.plan({
            services: namedServices(services),
            ref,
            canarySteps: canary,
            bakeMs: bake,
            signal,
          });
          const { hash, steps, services: planned } = plan;
          return { data: { hash, steps, services: planned }, render: (style) => renderPlan(plan, style) };
        },
      });
    });
};
