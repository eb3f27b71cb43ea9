import { dirname, join, sep } from 'node:path';

import ts from 'typescript';

import type { Block } from '../markdown/block.ts';
import type { Problem } from '../problem.ts';

/** A block of TypeScript and the page it is on. */
export interface TypedBlock {
  readonly path: string;
  readonly block: Block;
}

/** Checks the types of blocks against the packages' sources, each as a module of its own beside its page. */
export function typeCheck(blocks: readonly TypedBlock[], { root }: { readonly root: string }): readonly Problem[] {
  if (blocks.length === 0) return [];
  const files = new Map(blocks.map((one) => [fileOf(one, root), one]));
  const options = compilerOptions(root);
  const host = hostWith(files, options);
  const program = ts.createProgram({ rootNames: [...files.keys()], options, host });
  return [...files].flatMap(([file, { path, block }]) => {
    const source = program.getSourceFile(file);
    if (source === undefined) throw new Error(`${file} was not read`);
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found.map(({ start = 0, messageText }) => ({
      file: path,
      line: lineIn(block, source.getLineAndCharacterOfPosition(start).line),
      message: ts.flattenDiagnosticMessageText(messageText, '\n'),
    }));
  });
}

function compilerOptions(root: string): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.base.json'), (path) => ts.sys.readFile(path)) as {
    readonly config: { readonly compilerOptions: object };
  };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  return {
    ...options,
    // Blocks show how something is used, and have no declarations to write.
    noEmit: true,
    composite: false,
    declarationMap: false,
    emitDeclarationOnly: false,
    isolatedModules: false,
    noUnusedLocals: false,
    noUnusedParameters: false,
    incremental: false,
  };
}

/** The disk, and the blocks where they would be on it. */
function hostWith(files: ReadonlyMap<string, TypedBlock>, options: ts.CompilerOptions): ts.CompilerHost {
  const host = ts.createCompilerHost(options);
  const disk = ts.createCompilerHost(options);
  const textOf = (file: string) => {
    const found = files.get(file);
    return found === undefined ? undefined : sourceOf(found.block);
  };
  host.fileExists = (file) => files.has(file) || disk.fileExists(file);
  host.readFile = (file) => textOf(file) ?? disk.readFile(file);
  host.getSourceFile = (file, languageVersion, ...rest) => {
    const text = textOf(file);
    if (text === undefined) return disk.getSourceFile(file, languageVersion, ...rest);
    return ts.createSourceFile(file, text, languageVersion, true);
  };
  return host;
}

/** The context comes last: declarations are known before they are reached, and the block's lines keep their numbers. */
function sourceOf({ text, context }: Block): string {
  return `${text}\nexport {};\n${context}\n`;
}

function fileOf({ path, block }: TypedBlock, root: string): string {
  const name = path.replaceAll('/', '-').replace(/\.md$/, '');
  return join(root, dirname(path), `${name}.block-${block.line}.ts`).split(sep).join('/');
}

/** A flaw in the context is at the head of its block. */
function lineIn({ line, text }: Block, at: number): number {
  return at < text.split('\n').length ? line + 1 + at : line;
}
