import { createTree } from '@nx/devkit/testing';
import { describe, expect, it } from 'vitest';

import { adapterGenerator } from './adapter-generator.ts';
import { withEntry } from './register-subpath.ts';
import { withErrorCode } from './with-error-code.ts';

describe('refuses, and writes nothing', () => {
  it.each([
    ['secret', 'secret-store', 'vault', 'package "secret": expected one of secrets'],
    ['secrets', 'SecretStore', 'vault', 'such as secret-store'],
    ['secrets', 'secret-store', 'aws', 'aws-secret-store.ts is there already'],
  ])('%s %s %s', async (name, port, vendor, problem) => {
    const tree = createTree();
    tree.write('packages/secrets/package.json', '{}');
    tree.write('packages/secrets/src/adapters/aws/aws-secret-store.ts', '');
    const before = tree.listChanges().length;
    await expect(adapterGenerator(tree, { package: name, port, vendor })).rejects.toThrow(problem);
    expect(tree.listChanges()).toHaveLength(before);
  });
});

describe('one more error code', () => {
  const source = "export type ShopErrorCode =\n  | 'SHOP_A'\n  | 'SHOP_C';\n";

  it('stands where the alphabet wants it', () => {
    expect(withErrorCode(source, 'SHOP_B')).toBe(source.replace("| 'SHOP_C'", "| 'SHOP_B'\n  | 'SHOP_C'"));
    expect(withErrorCode(source, 'SHOP_D')).toBe(source.replace("'SHOP_C'", "'SHOP_C'\n  | 'SHOP_D'"));
  });

  it('is not listed twice', () => {
    expect(withErrorCode(source, 'SHOP_C')).toBe(source);
  });

  it('needs a list', () => {
    expect(() => withErrorCode('', 'SHOP_C')).toThrow('src/errors.ts: expected');
  });
});

it('one more entry stands before that of the tests, and not twice', () => {
  const config = "export default library(['src/index.ts', 'src/testing.ts']);";
  const more = withEntry(config, 'src/vault.ts');
  expect(more).toBe("export default library(['src/index.ts', 'src/vault.ts', 'src/testing.ts']);");
  expect(withEntry(more, 'src/vault.ts')).toBe(more);
  expect(withEntry("export default library(['src/index.ts']);", 'src/vault.ts')).toContain("'src/vault.ts']");
});
