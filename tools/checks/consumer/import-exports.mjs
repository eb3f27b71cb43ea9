// Runs in a project that has nothing but the packed packages, so it is plain JavaScript that needs nothing else.
import { readdirSync, readFileSync } from 'node:fs';

// A program rather than a module: importing it would run it.
const programs = ['@maestro/bluegreen/embedded/daemon'];

for (const folder of readdirSync('node_modules/@maestro')) {
  const { name, exports } = JSON.parse(readFileSync(`node_modules/@maestro/${folder}/package.json`, 'utf8'));
  for (const path of Object.keys(exports ?? {})) {
    const specifier = name + path.slice(1);
    if (programs.includes(specifier)) readFileSync(new URL(import.meta.resolve(specifier)));
    else await import(specifier, path.endsWith('.json') ? { with: { type: 'json' } } : {});
    process.stdout.write(`${specifier}\n`);
  }
}
