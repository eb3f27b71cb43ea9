import { type Tree, updateJson } from '@nx/devkit';

interface Manifest {
  readonly exports: Readonly<Record<string, unknown>>;
}

/** Publishes src/<vendor>.ts as the package's subpath of that name, unless it is already. */
export function registerSubpath(tree: Tree, folder: string, vendor: string): void {
  updateJson<Manifest>(tree, `${folder}/package.json`, (manifest) => {
    if (`./${vendor}` in manifest.exports) return manifest;
    const added = {
      '@maestro/source': `./src/${vendor}.ts`,
      types: `./dist/${vendor}.d.ts`,
      default: `./dist/${vendor}.js`,
    };
    const entries = Object.entries(manifest.exports);
    const last = entries.findIndex(([path]) => path === './testing' || path === './package.json');
    return { ...manifest, exports: Object.fromEntries(entries.toSpliced(last, 0, [`./${vendor}`, added])) };
  });
  const config = `${folder}/tsup.config.ts`;
  tree.write(config, withEntry(tree.read(config, 'utf8') ?? '', `src/${vendor}.ts`));
}

/** The package's build with one more entry, before the last one. */
export function withEntry(config: string, entry: string): string {
  if (config.includes(`'${entry}'`)) return config;
  const entries = /library\(\[([^\]]*)\]\)/.exec(config);
  if (entries === null) throw new Error('tsup.config.ts: expected library([…]) with the files that are built');
  const files = [...(entries[1] ?? '').matchAll(/'[^']+'/g)].map(([file]) => file);
  const at = files.indexOf("'src/testing.ts'");
  const all = files.toSpliced(at === -1 ? files.length : at, 0, `'${entry}'`);
  return config.replace(entries[0], `library([${all.join(', ')}])`);
}
