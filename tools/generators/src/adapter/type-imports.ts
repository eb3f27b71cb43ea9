import { dirname, join, relative } from 'node:path';

import ts from 'typescript';

/** Names of types by the module they come from: a file below the package's `src`, or a package. */
export type TypeImports = Map<string, Set<string>>;

interface ImportScope {
  readonly checker: ts.TypeChecker;
  /** The package's. */
  readonly folder: string;
}

/** Adds what a type that is written in a port needs to be written elsewhere, too. */
export function addTypeImports(imports: TypeImports, type: ts.TypeNode, scope: ImportScope): void {
  const visit = (node: ts.Node): void => {
    if (ts.isTypeReferenceNode(node) && ts.isIdentifier(node.typeName)) {
      const module = moduleOf(node.typeName, scope);
      if (module !== undefined) imports.set(module, (imports.get(module) ?? new Set()).add(node.typeName.text));
    }
    ts.forEachChild(node, visit);
  };
  visit(type);
}

/** Lines that import them into a file of `src/adapters/<vendor>`. */
export function importLines(imports: TypeImports): readonly string[] {
  const own = ([module]: readonly [string, unknown]) => module.startsWith('src/');
  const line = ([module, names]: readonly [string, ReadonlySet<string>]) =>
    `import type { ${[...names].sort().join(', ')} } from '${module.replace(/^src\//, '../../')}';`;
  const sorted = [...imports].sort(([a], [b]) => (a < b ? -1 : 1));
  const packages = sorted.filter((entry) => !own(entry)).map(line);
  return [...packages, ...(packages.length > 0 ? [''] : []), ...sorted.filter(own).map(line)];
}

/** Where a type comes from; undefined for a type parameter, and for what the language has. */
function moduleOf(name: ts.Identifier, { checker, folder }: ImportScope): string | undefined {
  const declaration = checker.getSymbolAtLocation(name)?.declarations?.[0];
  if (declaration === undefined || ts.isTypeParameterDeclaration(declaration)) return undefined;
  const file = declaration.getSourceFile().fileName;
  if (!ts.isImportSpecifier(declaration)) {
    const own = relative(folder, file);
    return own.startsWith('src/') ? own : undefined;
  }
  const from = declaration.parent.parent.parent.moduleSpecifier;
  if (!ts.isStringLiteral(from)) return undefined;
  return from.text.startsWith('.') ? relative(folder, join(dirname(file), from.text)) : from.text;
}
