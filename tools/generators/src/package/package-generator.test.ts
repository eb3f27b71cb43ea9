import { createTree } from '@nx/devkit/testing';
import { describe, expect, it } from 'vitest';

import { packageGenerator } from './package-generator.ts';
import { withLibrary } from './with-library.ts';

function workspace() {
  const tree = createTree();
  tree.write('packages/core/package.json', '{ "version": "1.2.3" }');
  tree.write('tsconfig.json', '{ "references": [] }');
  tree.write('eslint.config.js', "const libraries = ['secrets'];\n");
  return tree;
}

it('depends on the core there is', async () => {
  const tree = workspace();
  await packageGenerator(tree, { name: 'audit-log', noun: 'trail' });
  expect(tree.read('packages/audit-log/package.json', 'utf8')).toContain('"@maestro/core": "^1.2.3"');
  expect(tree.exists('packages/audit-log/src/trail.ts')).toBe(true);
});

describe('refuses', () => {
  it.each([
    ['AuditLog', 'expected kebab-case'],
    ['core', 'packages/core is there already'],
  ])('the name %s, and writes nothing', async (name, problem) => {
    const tree = workspace();
    const before = tree.listChanges().length;
    await expect(packageGenerator(tree, { name })).rejects.toThrow(problem);
    expect(tree.listChanges()).toHaveLength(before);
  });

  it('lint rules that list no libraries', () => {
    expect(() => withLibrary('export default [];', 'audit-log')).toThrow('eslint.config.js: expected a line');
  });
});
