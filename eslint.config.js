import nx from '@nx/eslint-plugin';
import * as jsoncParser from 'jsonc-eslint-parser';
import tseslint from 'typescript-eslint';

const testParts = { group: ['@maestro/services*', '@maestro/base-images'], message: 'Real parts are for tests.' };
const libraries = ['registry', 'migrations', 'secrets', 'image-store', 'bluegreen'];

export default tseslint.config(
  {
    ignores: [
      '**/dist',
      '**/out-tsc',
      '**/coverage',
      '**/.nx',
      '**/.maestro',
      '**/*.bundled_*',
      '**/*.config.ts',
      '*.preset.ts',
    ],
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: {
        projectService: true,
        tsconfigRootDir: import.meta.dirname,
      },
    },
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          banTransitiveDependencies: true,
          // An adapter is loaded when an environment names it, beside static imports of its package's types and ports.
          checkDynamicDependenciesExceptions: ['@maestro/.*'],
          depConstraints: [
            { sourceTag: 'layer:core', onlyDependOnLibsWithTags: [] },
            // What tests run on. Only they import it, see no-restricted-imports below.
            { sourceTag: 'layer:parts', onlyDependOnLibsWithTags: ['layer:core', 'layer:parts'] },
            { sourceTag: 'layer:library', onlyDependOnLibsWithTags: ['layer:core', 'layer:parts'] },
            {
              sourceTag: 'layer:orchestrator',
              onlyDependOnLibsWithTags: ['layer:core', 'layer:library', 'layer:parts'],
            },
            { sourceTag: 'layer:cli', onlyDependOnLibsWithTags: ['layer:core', 'layer:orchestrator', 'layer:parts'] },
            { sourceTag: 'layer:outside', onlyDependOnLibsWithTags: ['*'] },
          ],
        },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreUsingDeclarations: true }],
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    files: ['packages/*/src/**/*.ts', 'tools/*/src/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' },
        { selector: 'ExportAllDeclaration', message: 'Export names explicitly.' },
      ],
    },
  },
  {
    files: ['packages/*/src/**/*.ts'],
    ignores: ['**/*.test.ts', '**/system-clock.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        { name: 'setTimeout', message: 'Take a Clock; only its adapter touches timers.' },
        { name: 'setInterval', message: 'Take a Clock; only its adapter touches timers.' },
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Take a Clock.' },
        { object: 'performance', property: 'now', message: 'Take a Clock.' },
      ],
    },
  },
  {
    files: ['packages/*/package.json'],
    languageOptions: { parser: jsoncParser },
    plugins: { '@nx': nx },
    rules: {
      '@nx/dependency-checks': [
        'error',
        {
          ignoredFiles: ['**/*.test.ts', '**/tests/**', '**/*.config.ts'],
          ignoredDependencies: ['vitest'],
        },
      ],
    },
  },
  {
    // Bundled with what it loads: its dependencies are what is left outside of the bundle, which a test of the built program checks.
    files: ['packages/cli/package.json'],
    rules: { '@nx/dependency-checks': 'off' },
  },
  {
    files: ['packages/*/src/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns: [testParts] }] },
  },
  ...libraries.map((name) => ({
    files: [`packages/${name}/src/index.ts`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            testParts,
            { group: ['./adapters/*'], message: 'Adapters load by their own subpath, never from the index.' },
          ],
        },
      ],
    },
  })),
);
