// node import-exports.mjs <package> [<program>…]: imports every export of a package, as somebody does who has nothing but
// this package. It runs on each Node that the packages are for, in a project of its own, so it is plain JavaScript.
import { readFileSync } from 'node:fs';

// Importing a program would run it.
const [name, ...programs] = process.argv.slice(2);
const { exports = {} } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8'));
for (const path of Object.keys(exports)) {
  const specifier = name + path.slice(1);
  if (programs.includes(specifier)) readFileSync(new URL(import.meta.resolve(specifier)));
  else await import(specifier, path.endsWith('.json') ? { with: { type: 'json' } } : {});
  process.stdout.write(`${specifier}\n`);
}
