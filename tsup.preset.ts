import { defineConfig } from 'tsup';

/** The one way a Maestro package is built: ESM and declarations, an output file for each entry. */
export function library(entry: string[]) {
  const named = Object.fromEntries(entry.map((file) => [file.replace(/^src\//, '').replace(/\.ts$/, ''), file]));
  return defineConfig({
    entry: named,
    format: ['esm'],
    target: 'node22',
    platform: 'node',
    dts: true,
    clean: true,
    sourcemap: true,
    tsconfig: 'tsconfig.lib.json',
    // esbuild would otherwise rewrite `node:sqlite`, which has no unprefixed name.
    removeNodeProtocol: false,
  });
}
