import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

import { defineConfig, type Options } from 'tsup';

import manifest from './package.json' with { type: 'json' };

type Plugin = NonNullable<Options['esbuildPlugins']>[number];

// A start that looks for hundreds of files takes longer than what most commands do, so our own packages are bundled with what they
// all need. The registry's functions, which configurations import, and the daemon are files of the packages all the same; and what
// talks to vendors is loaded by few commands.
const apart = Object.keys(manifest.dependencies).filter((name) => !name.startsWith('@maestro/'));
const bundled = new RegExp(`^(?!node:|(${apart.join('|')})(/|$))`);

// A namespace is bundled without what nobody asks of it, such as messages in all languages.
const leanZod: Plugin = {
  name: 'lean-zod',
  setup(build) {
    build.onLoad({ filter: /[/\\]packages[/\\][^/\\]+[/\\]src[/\\].*\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      return { contents: text.replace("import { z } from 'zod'", "import * as z from 'zod'"), loader: 'ts' };
    });
  },
};

// A CommonJS module that is loaded when it is needed has its names only where somebody lists them.
const named: Readonly<Record<string, string>> = {
  'tar-stream': `export { extract, pack } from 'tar-stream';`,
  undici: `export { Agent } from 'undici';`,
};
const namedExports: Plugin = {
  name: 'named-exports',
  setup(build) {
    build.onResolve({ filter: new RegExp(`^(${Object.keys(named).join('|')})$`) }, ({ path, kind, resolveDir }) =>
      kind === 'dynamic-import' ? { path, namespace: 'named', pluginData: resolveDir } : null,
    );
    build.onLoad({ filter: /./, namespace: 'named' }, ({ path, pluginData }) => ({
      contents: named[path] ?? '',
      resolveDir: String(pluginData),
    }));
  },
};

// Whoever passes on what others have written passes on their licences with it.
const licences: Plugin = {
  name: 'licences',
  setup(build) {
    build.initialOptions.metafile = true;
    build.onEnd(async ({ metafile }) => {
      const inputs = Object.keys(metafile?.inputs ?? {}).map((path) => packageOf(resolve(path.replace(/^named:/, ''))));
      const folders = [...new Set(inputs.filter((folder) => folder !== undefined))].sort();
      const texts = await Promise.all(folders.map(licenceOf));
      const { outdir = 'dist' } = build.initialOptions;
      await mkdir(outdir, { recursive: true });
      await writeFile(join(outdir, 'LICENCES.txt'), texts.join('\n'));
    });
  },
};

/** The folder of the installed package that a file is of; undefined for one of ours. */
function packageOf(path: string): string | undefined {
  return /^.*[/\\]node_modules[/\\](?:@[^/\\]+[/\\])?[^/\\]+/.exec(dirname(path))?.[0];
}

async function licenceOf(folder: string): Promise<string> {
  const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Licensed;
  const file = (await readdir(folder)).find((one) => /^licen[cs]e/i.test(one));
  const text = file !== undefined && existsSync(join(folder, file)) ? await readFile(join(folder, file), 'utf8') : '';
  return `${name} ${version}: ${license}\n\n${text.trim()}\n`;
}

interface Licensed {
  readonly name: string;
  readonly version: string;
  readonly license: string;
}

export default defineConfig({
  entry: { main: 'src/main.ts' },
  format: ['esm'],
  target: 'node22',
  platform: 'node',
  clean: true,
  splitting: true,
  minifySyntax: true,
  minifyWhitespace: true,
  tsconfig: 'tsconfig.lib.json',
  // esbuild would otherwise rewrite `node:sqlite`, which has no unprefixed name.
  removeNodeProtocol: false,
  noExternal: [bundled],
  esbuildPlugins: [leanZod, namedExports, licences],
  esbuildOptions(options) {
    options.conditions = ['@maestro/source'];
  },
  // What is bundled of CommonJS asks for modules of Node's own.
  banner: { js: 'const require = process.getBuiltinModule;' },
});
