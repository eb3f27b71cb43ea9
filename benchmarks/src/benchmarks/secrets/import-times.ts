import type { Context } from '../../benchmark.ts';
import { elapsedMs } from '../../measure/elapsed.ts';
import type { InstalledProjects, Project } from './projects.ts';

/** A process that loads the package and what opens a store on AWS, from its start to its end. */
export async function importTimes({ ours, powertools, cache }: InstalledProjects, context: Context): Promise<void> {
  const rounds = context.quick ? 20 : 60;
  const importing = (project: Project, ...modules: readonly string[]) => {
    const script = modules.map((module) => `import ${JSON.stringify(module)};`).join('');
    return () => elapsedMs(() => project.node('--input-type=module', '--eval', script));
  };
  const figure = { unit: 'ms', rounds, ours: importing(ours, '@maestro/secrets', '@maestro/secrets/aws') } as const;
  await context.pair({
    ...figure,
    name: 'import',
    peer: { name: 'node -e 0', measure: () => elapsedMs(() => ours.node('--eval', '0')) },
    bar: { of: 'ratio', atMost: 1.5 },
  });
  const others = [importing(powertools, `${powertools.name}/secrets`), importing(cache, cache.name)];
  for (const [index, { name }] of [powertools, cache].entries()) {
    const measure = others[index] ?? figure.ours;
    await context.pair({ ...figure, name: `import, beside ${name}`, rounds: rounds / 2, peer: { name, measure } });
  }
}
