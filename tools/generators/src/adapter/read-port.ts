import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import ts from 'typescript';

import { type Names, suggestion } from '../names.ts';

/** A port and its contract, as the compiler sees them. */
export interface Port {
  /** `SecretStore` */
  readonly name: string;
  /** Its interface, with what it inherits. */
  readonly type: ts.Type;
  /** `secretStoreContract` */
  readonly contractName: string;
  /** What the contract is called with. */
  readonly contractArgument: ts.Type;
  readonly checker: ts.TypeChecker;
}

/** Reads a port that has a contract; throws with those of the package where there is none of this name. */
export function readPort(folder: string, port: Names): Port {
  const ports = portsWithContract(folder);
  if (!ports.includes(port.kebab)) throw new Error(unknownPort(folder, port.kebab, ports));

  const files = typescriptFiles(join(folder, 'src/ports'));
  const contract = contractFile(folder, port.kebab);
  const program = ts.createProgram([...files, contract], compilerOptions(folder));
  const checker = program.getTypeChecker();
  const exported = (file: string, name: string) => {
    const source = program.getSourceFile(file);
    const module = source === undefined ? undefined : checker.getSymbolAtLocation(source);
    return module === undefined ? undefined : checker.tryGetMemberInModuleExports(name, module);
  };

  const contractName = `${port.camel}Contract`;
  const declared = files.map((file) => exported(file, port.pascal)).find((symbol) => symbol !== undefined);
  const create = exported(contract, contractName);
  const signature = create && checker.getSignaturesOfType(checker.getTypeOfSymbol(create), ts.SignatureKind.Call)[0];
  const parameter = signature?.parameters[0];
  if (declared === undefined) throw new Error(`${folder}/src/ports: expected an exported interface ${port.pascal}`);
  if (parameter === undefined) {
    throw new Error(`${contract}: expected an exported function ${contractName} that takes what makes a subject`);
  }
  return {
    name: port.pascal,
    type: checker.getDeclaredTypeOfSymbol(declared),
    contractName,
    contractArgument: checker.getTypeOfSymbol(parameter),
    checker,
  };
}

function portsWithContract(folder: string): readonly string[] {
  const suffix = '-contract.ts';
  return typescriptFiles(join(folder, 'src/testing'))
    .filter((file) => file.endsWith(suffix))
    .map((file) => file.slice(join(folder, 'src/testing/').length, -suffix.length))
    .filter((name) => existsSync(join(folder, 'src/ports', `${name}.ts`)))
    .sort();
}

function unknownPort(folder: string, port: string, ports: readonly string[]): string {
  const known = ports.length === 0 ? 'no port with a contract' : `these ports with a contract: ${ports.join(', ')}`;
  const kebab = suggestion(port);
  return `port "${port}": ${folder.split('/').slice(-2).join('/')} has ${known}. A port without one gets src/testing/${kebab}-contract.ts first`;
}

function contractFile(folder: string, port: string): string {
  return join(folder, 'src/testing', `${port}-contract.ts`);
}

function typescriptFiles(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => join(folder, name));
}

function compilerOptions(folder: string): ts.CompilerOptions {
  const file = join(folder, 'tsconfig.lib.json');
  const read = ts.readConfigFile(file, (path) => ts.sys.readFile(path));
  return ts.parseJsonConfigFileContent(read.config, ts.sys, folder).options;
}
