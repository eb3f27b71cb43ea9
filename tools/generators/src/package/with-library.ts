const list = /^const libraries = \[(.*)\];$/m;

/** The lint rules with one more library, whose index may not import adapters. */
export function withLibrary(config: string, name: string): string {
  if (!list.test(config)) {
    throw new Error('eslint.config.js: expected a line "const libraries = [...];" with the names of the libraries');
  }
  return config.replace(list, (_, names: string) => `const libraries = [${names}, '${name}'];`);
}
