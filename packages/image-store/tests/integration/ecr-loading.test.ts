import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { expect, it } from 'vitest';

const run = promisify(execFile);

/** Loads a module in a process of its own and tells the packages that came with it. */
async function packagesLoadedBy(module: string): Promise<ReadonlySet<string>> {
  const source = new URL(`../../src/${module}`, import.meta.url).href;
  const script = `
    import { registerHooks } from 'node:module';
    const urls = [];
    registerHooks({ load(url, context, next) { urls.push(url); return next(url, context); } });
    await import(${JSON.stringify(source)});
    console.log(JSON.stringify(urls));
  `;
  const node = ['--conditions=@maestro/source', '--input-type=module', '--eval', script];
  const { stdout } = await run(process.execPath, node, { maxBuffer: 16 * 1024 * 1024 });
  const urls = JSON.parse(stdout) as readonly string[];
  return new Set(urls.flatMap((url) => /\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? []));
}

it.each(['index.ts', 'oci.ts', 'trivy.ts', 'testing.ts'])("loads nothing of AWS's with %s", async (module) => {
  expect([...(await packagesLoadedBy(module))].filter((name) => /aws|smithy/.test(name))).toEqual([]);
});

it("loads AWS's client with ecr.ts", async () => {
  expect(await packagesLoadedBy('ecr.ts')).toContain('@aws-sdk/client-ecr');
});
