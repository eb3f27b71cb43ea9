/** Services, and the base images that they share. */
export interface BuildGraph {
  readonly bases: readonly string[];
  readonly services: readonly GraphService[];
  /** A longest chain, the base first. */
  readonly chain: readonly string[];
}

interface GraphService {
  readonly name: string;
  readonly base: string;
  readonly dependsOn: readonly string[];
}

/** Twelve services on two bases: eight need nothing else, three need some of these, one needs some of those. */
export const shopGraph: BuildGraph = {
  bases: ['runtime', 'tools'],
  services: [
    ...['api', 'shop', 'cart', 'mail'].map((name) => ({ name, base: 'runtime', dependsOn: [] })),
    ...['jobs', 'search', 'stock', 'prices'].map((name) => ({ name, base: 'tools', dependsOn: [] })),
    { name: 'web', base: 'runtime', dependsOn: ['api', 'shop', 'cart'] },
    { name: 'admin', base: 'tools', dependsOn: ['api', 'jobs', 'stock'] },
    { name: 'reports', base: 'tools', dependsOn: ['search', 'prices'] },
    { name: 'gateway', base: 'runtime', dependsOn: ['web', 'admin'] },
  ],
  chain: ['runtime', 'api', 'web', 'gateway'],
};

/** What can be built at once, and only after everything before it. */
export function levelsOf({ bases, services }: BuildGraph): readonly (readonly string[])[] {
  const levels: (readonly string[])[] = [bases];
  const done = new Set<string>();
  while (done.size < services.length) {
    const next = services.filter(({ name, dependsOn }) => !done.has(name) && dependsOn.every((need) => done.has(need)));
    if (next.length === 0) throw new Error('the services need one another');
    levels.push(next.map(({ name }) => name));
    for (const { name } of next) done.add(name);
  }
  return levels;
}
