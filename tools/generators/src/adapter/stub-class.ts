import { relative } from 'node:path';

import ts from 'typescript';

import { addTypeImports, type TypeImports } from './type-imports.ts';
import type { Port } from './read-port.ts';

export interface StubClass {
  readonly imports: TypeImports;
  /** The members that the port demands, each of which throws what is left to write. */
  readonly members: readonly string[];
}

/** What a class needs to implement a port, and to compile. */
export function stubClass({ type, checker }: Port, { folder, vendor }: StubPlace): StubClass {
  const imports: TypeImports = new Map();
  const members = checker
    .getPropertiesOfType(type)
    .filter((property) => (property.flags & ts.SymbolFlags.Optional) === 0)
    .map((property) => {
      const declaration = property.valueDeclaration;
      if (declaration === undefined) throw new Error(`${property.name}: expected to be declared in a port`);
      const name = ts.getNameOfDeclaration(declaration)?.getText() ?? property.name;
      const propertyType = checker.getTypeOfSymbol(property);
      const call = checker.getSignaturesOfType(propertyType, ts.SignatureKind.Call)[0]?.getDeclaration();
      const written = call === undefined ? typeNodeOf(declaration) : call.type;
      if (written !== undefined) addTypeImports(imports, written, { checker, folder });
      const asked =
        call === undefined ? name : `${name}(${call.parameters.map((each) => each.name.getText()).join(', ')})`;
      const body = `{\n    throw notImplemented('${asked}', '${promiseOf(declaration, folder)}');\n  }`;
      if (call !== undefined) return `${name}${typeParametersOf(call)}(): ${written?.getText() ?? 'void'} ${body}`;
      if ((propertyType.flags & ts.TypeFlags.String) !== 0) return `readonly ${name} = '${vendor}';`;
      return `get ${name}(): ${written?.getText() ?? 'unknown'} ${body}`;
    });
  return { imports, members };
}

export interface StubPlace {
  /** The package's. */
  readonly folder: string;
  readonly vendor: string;
}

/** `SecretStore in src/ports/secret-store.ts` */
export function promiseOf(declaration: ts.Declaration, folder: string): string {
  const owner = ts.isInterfaceDeclaration(declaration.parent) ? `${declaration.parent.name.text} in ` : '';
  const file = relative(folder, declaration.getSourceFile().fileName);
  return file.startsWith('..') ? `${owner}the language` : `${owner}${file}`;
}

function typeNodeOf(declaration: ts.Declaration): ts.TypeNode | undefined {
  return ts.isPropertySignature(declaration) ? declaration.type : undefined;
}

function typeParametersOf(call: ts.SignatureDeclaration | ts.JSDocSignature): string {
  const parameters = call.typeParameters ?? [];
  return parameters.length === 0 ? '' : `<${parameters.map((parameter) => parameter.getText()).join(', ')}>`;
}
