import ts from 'typescript';

import type { Port } from './read-port.ts';
import { promiseOf } from './stub-class.ts';

/** What a contract's argument is made of. */
export interface SubjectOptions {
  /** `new VaultSecretStore()` */
  readonly adapter: string;
  /** The package's folder. */
  readonly folder: string;
}

/** The contract's argument as code: with the adapter where the port is wanted, and everything else left to write. */
export function stubSubject(port: Port, options: SubjectOptions): string {
  return new SubjectStub(port, options).valueOf(port.contractArgument);
}

class SubjectStub {
  readonly #port: Port;
  readonly #options: SubjectOptions;

  constructor(port: Port, options: SubjectOptions) {
    this.#port = port;
    this.#options = options;
  }

  valueOf(type: ts.Type): string {
    if (type === this.#port.type) return this.#options.adapter;
    const call = this.#callOf(type);
    if (call !== undefined) return `() => Promise.resolve(${this.valueOf(this.#awaited(call))})`;
    const members = this.#properties(type).map((property) => this.#member(property));
    return `({ ${members.join(' ')} })`;
  }

  #member(property: ts.Symbol): string {
    const { checker } = this.#port;
    const type = checker.getTypeOfSymbol(property);
    const declaration = property.valueDeclaration;
    const name = (declaration && ts.getNameOfDeclaration(declaration)?.getText()) ?? property.name;
    if (name === '[Symbol.asyncDispose]') return `${name}: () => Promise.resolve(),`;
    if (this.#leadsToPort(type)) return `${name}: ${this.valueOf(type)},`;
    const choices = literalsOf(type, checker);
    if (choices.length > 0) return `${name}: [${choices.map((choice) => `'${choice}'`).join(', ')}],`;
    const promise = declaration === undefined ? 'the contract' : promiseOf(declaration, this.#options.folder);
    const body = `{ throw notImplemented('${name} of the subject', '${promise}'); }`;
    return this.#callOf(type) === undefined ? `get ${name}(): never ${body},` : `${name}: () => ${body},`;
  }

  /** Whether this is the port, an object that has it, or a function that gives one of these. */
  #leadsToPort(type: ts.Type): boolean {
    if (type === this.#port.type) return true;
    const call = this.#callOf(type);
    const given = call === undefined ? type : this.#awaited(call);
    if (given === this.#port.type) return true;
    const { checker } = this.#port;
    return this.#properties(given).some((property) => checker.getTypeOfSymbol(property) === this.#port.type);
  }

  #callOf(type: ts.Type): ts.Signature | undefined {
    return this.#port.checker.getSignaturesOfType(type, ts.SignatureKind.Call)[0];
  }

  #awaited(call: ts.Signature): ts.Type {
    const { checker } = this.#port;
    return checker.getAwaitedType(checker.getReturnTypeOfSignature(call)) ?? checker.getReturnTypeOfSignature(call);
  }

  #properties(type: ts.Type): readonly ts.Symbol[] {
    const required = (symbol: ts.Symbol) => (symbol.flags & ts.SymbolFlags.Optional) === 0;
    return (type.flags & ts.TypeFlags.Object) === 0
      ? []
      : this.#port.checker.getPropertiesOfType(type).filter(required);
  }
}

/** The texts of `readonly ('steps' | 'transaction')[]`. */
function literalsOf(type: ts.Type, checker: ts.TypeChecker): readonly string[] {
  if (!checker.isArrayType(type)) return [];
  const element = checker.getTypeArguments(type as ts.TypeReference)[0];
  const parts = element?.isUnion() === true ? element.types : [];
  return parts.flatMap((part) => (part.isStringLiteral() ? [part.value] : []));
}
