import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { expect, it } from 'vitest';

const run = promisify(execFile);

/** Loads a module in a process of its own and tells the address of every module that came with it. */
async function loadedBy(module: string): Promise<readonly string[]> {
  const source = new URL(`../../src/${module}`, import.meta.url).href;
  const script = `
    import { registerHooks } from 'node:module';
    const urls = [];
    registerHooks({ load(url, context, next) { urls.push(url); return next(url, context); } });
    await import(${JSON.stringify(source)});
    console.log(JSON.stringify(urls));
  `;
  const node = ['--conditions=@maestro/source', '--input-type=module', '--eval', script];
  const { stdout } = await run(process.execPath, node);
  return JSON.parse(stdout) as readonly string[];
}

it('does not load dotenv with the index', async () => {
  const urls = await loadedBy('index.ts');
  expect(urls.some((url) => url.endsWith('/prepare-secrets.ts'))).toBe(true);
  expect(urls.filter((url) => url.includes('/dotenv/'))).toEqual([]);
});

it('loads it with the subpath of the .env store', async () => {
  const urls = await loadedBy('dotenv.ts');
  expect(urls.some((url) => url.includes('/node_modules/dotenv/'))).toBe(true);
});
