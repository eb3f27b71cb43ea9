import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { ManualClock } from '@maestro/core/testing';
import { describe, expect, it } from 'vitest';

import { readModule } from '../../src/files/read-module.ts';
import { loadRegistry } from '../../src/index.ts';
import { folderWith } from './temporary-folder.ts';

const registry = (project: string) => `{
  project: '${project}',
  services: { api: { context: 'api', command: ['node', 'main.ts'] } },
  environments: { demo: { runtime: 'embedded', proxy: { port: 0 } } },
}`;

const neverLoads = 'await new Promise(() => {});\nexport default {};';

/** Runs the package's own sources where Node does not run TypeScript, and leaves the registry file to Node. */
const stripOwnSources = `
  import { readFileSync } from 'node:fs';
  import { registerHooks, stripTypeScriptTypes } from 'node:module';
  registerHooks({
    load(url, context, next) {
      if (!url.endsWith('.ts')) return next(url, context);
      const source = stripTypeScriptTypes(readFileSync(new URL(url), 'utf8'));
      return { format: 'module', source, shortCircuit: true };
    },
  });`;

interface Outcome {
  readonly file?: string;
  readonly registry?: { readonly project: string };
  readonly code?: string;
  readonly message?: string;
  readonly hint?: string;
}

/** What Node itself makes of versions of one file, loaded one after the other in the same process. */
async function load(name: string, versions: readonly string[], flags: readonly string[] = []): Promise<Outcome[]> {
  const folder = await folderWith(Object.fromEntries(versions.map((text, index) => [`${index}.txt`, text])));
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--conditions=@maestro/source',
    '--disable-warning=ExperimentalWarning',
    ...flags,
    fileURLToPath(new URL('load-in-node.ts', import.meta.url)),
    join(folder, name),
    ...versions.map((_, index) => join(folder, `${index}.txt`)),
  ]);
  const lines = stdout.trim().replaceAll(`${folder}/`, '').split('\n');
  return lines.map((line) => JSON.parse(line) as Outcome);
}

describe('a registry in TypeScript or JavaScript', () => {
  it.each([
    ['maestro.config.ts', `const registry: object = ${registry('typed')};\nexport default registry;`, 'typed'],
    ['maestro.config.js', `export default ${registry('plain')};`, 'plain'],
    ['maestro.config.js', `module.exports = ${registry('common')};`, 'common'],
    ['maestro.config.mts', `const registry: object = ${registry('module')};\nexport default registry;`, 'module'],
  ])('is loaded by Node itself: %s', async (name, text, project) => {
    const [outcome] = await load(name, [text]);
    expect(outcome).toMatchObject({ file: name, registry: { project } });
  });

  it('says what to do where package.json makes every file CommonJS, and takes a file that says otherwise', async () => {
    const folder = await folderWith({
      'package.json': '{ "type": "commonjs" }',
      'maestro.config.ts': `import 'node:fs';\nexport default ${registry('shop')};`,
      'named/maestro.config.mts': `import 'node:fs';\nexport default ${registry('shop')};`,
    });
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--conditions=@maestro/source',
      '--input-type=module',
      '--eval',
      `
        import { loadRegistry } from '@maestro/registry';
        const report = (work) => work.then(({ registry }) => registry.project, ({ code, hint }) => ({ code, hint }));
        const [first, second] = [${JSON.stringify(folder)}, ${JSON.stringify(join(folder, 'named'))}];
        console.log(JSON.stringify([await report(loadRegistry({ cwd: first })), await report(loadRegistry({ cwd: second }))]));
      `,
    ]);
    expect(JSON.parse(stdout)).toEqual([
      {
        code: 'REGISTRY_UNREADABLE',
        hint: 'set "type": "module" in the package.json above it, or name the file maestro.config.mts',
      },
      'shop',
    ]);
  });

  it('is loaded anew when the file changed', async () => {
    const [first, second] = await load('maestro.config.ts', [
      `export default ${registry('before')};`,
      `export default ${registry('after')};`,
    ]);
    expect([first?.registry?.project, second?.registry?.project]).toEqual(['before', 'after']);
  });

  it('can be corrected in the same process after a mistake', async () => {
    const [first, second] = await load('maestro.config.ts', [
      'export default {',
      `export default ${registry('shop')};`,
    ]);
    expect(first?.code).toBe('REGISTRY_UNREADABLE');
    expect(second?.registry?.project).toBe('shop');
  });

  it.each([
    [
      'a syntax error in TypeScript, with its line',
      'maestro.config.ts',
      "export default {\n  project: 'a' 'hunter2',\n};",
      /^maestro\.config\.ts:2: Expected ','$/,
    ],
    [
      'TypeScript that Node cannot strip',
      'maestro.config.ts',
      'enum Port { web }\nexport default {};',
      /^maestro\.config\.ts:1: TypeScript enum is not supported in strip-only mode$/,
    ],
    [
      'a syntax error in JavaScript, without the source',
      'maestro.config.js',
      'export default { project: a hunter2 };',
      /^maestro\.config\.js: Unexpected identifier$/,
    ],
    [
      'an import of a name that is not there',
      'maestro.config.js',
      "\nimport { nothing } from 'node:fs';\nexport default nothing;",
      /^maestro\.config\.js:2: The requested module 'node:fs' does not provide an export named 'nothing'$/,
    ],
    [
      'an import of a file that is not there',
      'maestro.config.ts',
      "import shared from './shared.ts';\nexport default shared;",
      /^maestro\.config\.ts: Cannot find module 'shared\.ts' imported from maestro\.config\.ts$/,
    ],
    [
      'what the module throws, with its place',
      'maestro.config.ts',
      "export default {};\nthrow new Error('no REGION');",
      /^maestro\.config\.ts:2:7: the module threw: no REGION$/,
    ],
    [
      'a module without a default export',
      'maestro.config.ts',
      'export const registry = {};',
      /^maestro\.config\.ts: there is no default export, or it is empty$/,
    ],
    [
      'a module that exports nothing at all',
      'maestro.config.ts',
      'const registry = {};',
      /^maestro\.config\.ts: there is no default export, or it is empty$/,
    ],
  ])('says what is wrong: %s', async (_, name, text, message) => {
    const [outcome] = await load(name, [text]);
    expect(outcome?.code).toBe('REGISTRY_UNREADABLE');
    expect(outcome?.message).toMatch(message);
    expect(outcome?.hint).toBeTypeOf('string');
    expect(JSON.stringify(outcome)).not.toContain('hunter2');
  });

  it('names the Node that is needed where Node does not run TypeScript', async () => {
    const hooks = `data:text/javascript,${encodeURIComponent(stripOwnSources)}`;
    const flags = ['--no-experimental-strip-types', '--import', hooks];
    const [outcome] = await load('maestro.config.ts', [`export default ${registry('shop')};`], flags);
    expect(outcome).toMatchObject({
      code: 'REGISTRY_UNREADABLE',
      message: `maestro.config.ts: Node ${process.version} does not run TypeScript here`,
      hint: expect.stringContaining('use Node 22.18 or newer') as string,
    });
  });

  it('reports problems by their path in the registry', async () => {
    const [outcome] = await load('maestro.config.ts', [`export default { ...${registry('shop')}, project: 'Shop' };`]);
    expect(outcome?.code).toBe('REGISTRY_INVALID');
    expect(outcome?.message).toMatch(/^1 problem in maestro\.config\.ts:\n {2}- project: expected a name /);
  });

  it('is also loaded under a test runner that loads modules itself', async () => {
    const folder = await folderWith({ 'maestro.config.ts': `export default ${registry('shop')};` });
    const first = await loadRegistry({ cwd: folder });
    expect(first.registry.project).toBe('shop');
    await writeFile(first.file, `export default ${registry('other')};`);
    expect((await loadRegistry({ cwd: folder })).registry.project).toBe('other');
  });

  it('is given up when it does not finish loading', async () => {
    const clock = new ManualClock();
    const folder = await folderWith({ 'maestro.config.js': neverLoads });
    const file = join(folder, 'maestro.config.js');
    const loading = expect(readModule(file, { clock })).rejects.toMatchObject({
      code: 'REGISTRY_UNREADABLE',
      message: `${file}: the module did not finish loading within 30 s`,
    });
    await clock.advance(30_000);
    await loading;
  });

  it('is given up when the caller aborts', async () => {
    const folder = await folderWith({ 'maestro.config.js': neverLoads });
    const abort = new AbortController();
    const loading = readModule(join(folder, 'maestro.config.js'), { clock: new ManualClock(), signal: abort.signal });
    abort.abort(new Error('interrupted'));
    await expect(loading).rejects.toThrow('interrupted');
  });
});
