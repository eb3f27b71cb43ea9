import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { WorkspaceCopy } from './workspace-copy.ts';

// As `npm run` does it, in a copy of the workspace: what Nx loads, what it writes, and whether the checks take it.
let copy: WorkspaceCopy;
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });
const generate = (generator: string, ...args: readonly string[]) =>
  copy.attempt('nx', ['generate', `@maestro/generators:${generator}`, ...args, '--no-interactive']);
const read = (file: string) => readFileSync(join(copy.root, file), 'utf8');
const packageFolder = 'packages/audit-log';
const adapterFiles = [
  'packages/secrets/src/adapters/vault',
  'packages/secrets/src/vault.ts',
  'packages/secrets/tests/integration/vault-secret-store.test.ts',
];

beforeAll(async () => {
  copy = await WorkspaceCopy.make();
});
afterAll(() => copy[Symbol.asyncDispose]());

it('writes a package, and makes it known to the workspace', () => {
  const { ok, all } = generate('package', 'audit-log', '--description=Who did what and when');
  expect(ok, all).toBe(true);
  expect(all).toContain('next:');
  expect(read('tsconfig.json')).toContain(`./${packageFolder}`);
  expect(read('eslint.config.js')).toMatch(/const libraries = \[.*'audit-log'\]/);
  expect(read('.changeset/new-audit-log.md')).toContain("'@maestro/audit-log': minor");
  expect(JSON.parse(read(`${packageFolder}/package.json`))).toMatchObject({
    name: '@maestro/audit-log',
    description: 'Who did what and when',
    nx: { tags: ['layer:library'] },
  });
});

it('writes an adapter, and publishes it by its subpath', () => {
  const { ok, all } = generate('adapter', 'secrets', 'secret-store', 'vault');
  expect(ok, all).toBe(true);
  expect(read('packages/secrets/src/vault.ts')).toContain('VaultSecretStore');
  expect(read('packages/secrets/src/errors.ts')).toContain("| 'SECRETS_VAULT_FAILED'");
  expect(read('packages/secrets/tsup.config.ts')).toContain("'src/vault.ts'");
  const { exports } = JSON.parse(read('packages/secrets/package.json')) as { exports: Record<string, unknown> };
  expect(exports['./vault']).toMatchObject({ '@maestro/source': './src/vault.ts' });
});

it('names the ports there are where one is not known', () => {
  const { ok, all } = generate('adapter', 'secrets', 'secret-shop', 'vault');
  expect(ok).toBe(false);
  expect(all).toContain('these ports with a contract: login-database, managed-secret-store, secret-store');
});

describe('what was written', () => {
  it('has no mistake in its types', () => {
    copy.run('tsc', ['-b', packageFolder]);
    // The adapter and its tests with what they import, rather than all that the package is built on.
    const config = {
      extends: './tsconfig.base.json',
      compilerOptions: { composite: false, declarationMap: false, emitDeclarationOnly: false, noEmit: true },
      include: adapterFiles,
    };
    writeFileSync(join(copy.root, 'tsconfig.adapter.json'), JSON.stringify(config));
    copy.run('tsc', ['-p', 'tsconfig.adapter.json']);
  });

  it('passes lint and is formatted', () => {
    copy.run('eslint', [packageFolder, ...adapterFiles]);
    copy.run('prettier', ['--check', packageFolder, 'packages/secrets/package.json', ...adapterFiles]);
    copy.run('prettier', ['--check', '.changeset', 'eslint.config.js']);
  });

  it('passes its tests, but for what is left to write', () => {
    const projects = ['--project', 'audit-log', '--project', 'secrets'];
    const report = join(copy.root, 'vitest.json');
    copy.attempt('vitest', ['run', ...projects, 'audit-log', 'vault', '--reporter=json', `--outputFile=${report}`]);
    const tests = testsIn(report);
    const failed = tests.filter(({ status }) => status === 'failed');
    expect(tests.filter(({ status }) => status === 'passed')).toHaveLength(4);
    expect(failed).not.toEqual([]);
    for (const { failureMessages } of failed) {
      expect(failureMessages.join()).toMatch(/not implemented: .* It is promised by .*src\//);
    }
  });
});

interface TestResult {
  readonly status: string;
  readonly failureMessages: readonly string[];
}

function testsIn(report: string): readonly TestResult[] {
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as {
    readonly testResults: readonly { readonly assertionResults: readonly TestResult[] }[];
  };
  return testResults.flatMap(({ assertionResults }) => assertionResults);
}
