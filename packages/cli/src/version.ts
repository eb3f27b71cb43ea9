import { readFileSync } from 'node:fs';

/** The version of this package; its package.json stands one folder above the sources and above the build alike. */
export function readVersion(): string {
  const contents = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(contents) as { readonly version: string }).version;
}
