import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { expect, it } from 'vitest';

const run = promisify(execFile);

/** Loads a module in a process of its own and tells the address of every module that came with it. */
async function loadedBy(module: string, then = ''): Promise<readonly string[]> {
  const source = new URL(`../../src/${module}`, import.meta.url).href;
  const script = `
    import { registerHooks } from 'node:module';
    const urls = [];
    registerHooks({ load(url, context, next) { urls.push(url); return next(url, context); } });
    const module = await import(${JSON.stringify(source)});
    ${then}
    console.log(JSON.stringify(urls));
  `;
  const node = ['--conditions=@maestro/source', '--input-type=module', '--eval', script];
  const { stdout } = await run(process.execPath, node, { maxBuffer: 16 * 1024 * 1024 });
  return JSON.parse(stdout) as readonly string[];
}

const packages = (urls: readonly string[]) =>
  new Set(urls.flatMap((url) => /\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? []));

it("loads no package but Maestro's with the index, AWS's store, containers and the fakes", async () => {
  for (const module of ['index.ts', 'aws.ts', 'docker.ts', 'testing.ts']) {
    const urls = await loadedBy(module);
    expect(urls.some((url) => url.endsWith(`/secrets/src/${module}`))).toBe(true);
    expect([...packages(urls)]).toEqual([]);
  }
});

it("imports nothing of Node's with the index and AWS's store: each would cost every process milliseconds", async () => {
  for (const module of ['index.ts', 'aws.ts']) {
    expect((await loadedBy(module)).filter((url) => url.startsWith('node:'))).toEqual([]);
  }
});

it('loads no adapter with the index', async () => {
  const urls = await loadedBy('index.ts');
  expect(urls.some((url) => url.endsWith('/prepare-secrets.ts'))).toBe(true);
  expect(urls.filter((url) => /\/(?:adapters|testing)\//.test(url))).toEqual([]);
});

it('loads dotenv with the subpath of the .env store, and nothing else', async () => {
  expect([...packages(await loadedBy('dotenv.ts'))]).toEqual(['dotenv']);
});

it('loads no driver with the databases whose users take turns', async () => {
  for (const module of ['postgresql.ts', 'mysql.ts']) expect([...packages(await loadedBy(module))]).toEqual([]);
});

it("loads AWS's client with the first call of AWS's store", async () => {
  const urls = await loadedBy(
    'aws.ts',
    `
    Object.assign(process.env, { AWS_EC2_METADATA_DISABLED: 'true', AWS_CONFIG_FILE: '/dev/null' });
    await module.awsStore({ regions: ['eu-central-1'], deadlineMs: 10_000 }).fetch(['A']).catch(() => undefined);
  `,
  );
  expect(packages(urls)).toContain('@aws-sdk/client-secrets-manager');
});
