import { join } from 'node:path';

import ts from 'typescript';

import { code, renderPage, sentence, table } from './markdown-page.ts';
import { packagesOf } from './source-files.ts';

interface EventType {
  readonly name: string;
  readonly from: string;
  readonly description: string;
  readonly members: readonly EventMember[];
}

interface EventMember {
  /** The values of its `type`. */
  readonly types: readonly string[];
  readonly description: string;
  readonly fields: readonly { readonly name: string; readonly type: string; readonly description: string }[];
}

/** Every event that a package exports, with its fields. */
export function eventsPage(root: string): string {
  const types = eventTypesOf(root);
  return renderPage({
    title: 'Events',
    from: 'the exported types of the packages whose names end in Event',
    body: [
      'Progress is reported to `onEvent`, and by the command line with `--json`, one object a line. Each event has a `type`, and `at`, ' +
        'the time it was sent in ISO 8601. They are safe for JSON and hold no secrets. The last line of a command is its result: ' +
        '`{"type":"result","ok":true,…}`.',
      table(
        ['events', 'of'],
        types.map(({ name, from }) => [`[${code(name)}](#${name.toLowerCase()})`, code(from)]),
      ),
      ...types.flatMap(section),
    ],
  });
}

function section({ name, from, description, members }: EventType): readonly string[] {
  return [
    `## ${name}`,
    [sentence(description), `Exported by ${code(from)}.`].filter((text) => text !== '').join(' '),
    ...members.flatMap((member) => [
      `### ${name}: ${member.types.join(', ')}`,
      ...(member.description === '' ? [] : [sentence(member.description)]),
      member.fields.length === 0
        ? 'No further fields.'
        : table(
            ['field', 'type', 'is'],
            member.fields.map((field) => [code(field.name), code(field.type), sentence(field.description)]),
          ),
    ]),
  ];
}

function eventTypesOf(root: string): readonly EventType[] {
  const entries = packagesOf(root).flatMap(({ entries }) => entries.filter(({ name }) => !name.endsWith('/testing')));
  const program = programOf(
    root,
    entries.map(({ file }) => file),
  );
  const checker = program.getTypeChecker();
  const seen = new Map<ts.Symbol, EventType>();
  for (const { name: from, file } of entries) {
    const module = checker.getSymbolAtLocation(sourceOf(program, file));
    for (const exported of module === undefined ? [] : checker.getExportsOfModule(module)) {
      if (!exported.name.endsWith('Event')) continue;
      const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
      if (seen.has(symbol) || !isType(symbol)) continue;
      // The package it is written in tells of it, not one that passes it on.
      if (!(symbol.declarations?.[0]?.getSourceFile().fileName ?? '').startsWith(packageFolder(file))) continue;
      seen.set(symbol, describe({ symbol, from, checker }));
    }
  }
  return [...seen.values()].filter(({ members }) => members.length > 0);
}

interface Described {
  readonly symbol: ts.Symbol;
  readonly from: string;
  readonly checker: ts.TypeChecker;
}

function describe({ symbol, from, checker }: Described): EventType {
  const type = checker.getDeclaredTypeOfSymbol(symbol);
  const parts = type.isUnion() ? type.types : [type];
  return {
    name: symbol.name,
    from,
    description: ts.displayPartsToString(symbol.getDocumentationComment(checker)),
    members: parts.map((part) => memberOf(part, checker)).filter(({ types }) => types.length > 0),
  };
}

function memberOf(type: ts.Type, checker: ts.TypeChecker): EventMember {
  const discriminant = type.getProperty('type');
  const properties = checker.getPropertiesOfType(type).filter(({ name }) => name !== 'type' && name !== 'at');
  const documented = (symbol: ts.Symbol) => ts.displayPartsToString(symbol.getDocumentationComment(checker));
  return {
    types: discriminant === undefined ? [] : literalsOf(checker.getTypeOfSymbol(discriminant)),
    description: [commentBefore(type), discriminant === undefined ? '' : documented(discriminant)].join(' ').trim(),
    fields: properties.map((symbol) => ({
      name: symbol.flags & ts.SymbolFlags.Optional ? `${symbol.name}?` : symbol.name,
      type: checker.typeToString(
        checker.getTypeOfSymbol(symbol),
        undefined,
        ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.UseAliasDefinedOutsideCurrentScope,
      ),
      description: documented(symbol),
    })),
  };
}

function literalsOf(type: ts.Type): readonly string[] {
  return (type.isUnion() ? type.types : [type]).flatMap((one) => (one.isStringLiteral() ? [one.value] : []));
}

/** What stands before the bar of a union's member; TypeScript gives it to no symbol. */
function commentBefore(type: ts.Type): string {
  const node = type.getSymbol()?.declarations?.[0];
  if (node === undefined || !ts.isUnionTypeNode(node.parent)) return '';
  const { types } = node.parent;
  const at = types.findIndex((one: ts.Node) => one === node);
  const begin = at <= 0 ? node.parent.getFullStart() : (types[at - 1]?.getEnd() ?? 0);
  const between = node.getSourceFile().text.slice(begin, node.getStart());
  const [, comment = ''] = /\/\*\*([\s\S]*?)\*\/(?![\s\S]*\/\*\*)/.exec(between) ?? [];
  return comment.replaceAll(/^\s*\* ?/gm, '').trim();
}

function programOf(root: string, rootNames: readonly string[]): ts.Program {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.base.json'), (path) => ts.sys.readFile(path)) as {
    readonly config: { readonly compilerOptions: object };
  };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  return ts.createProgram({ rootNames, options: { ...options, noEmit: true, composite: false } });
}

function sourceOf(program: ts.Program, file: string): ts.SourceFile {
  const source = program.getSourceFile(file);
  if (source === undefined) throw new Error(`${file} was not read`);
  return source;
}

function isType({ flags }: ts.Symbol): boolean {
  return (flags & (ts.SymbolFlags.TypeAlias | ts.SymbolFlags.Interface)) !== 0;
}

function packageFolder(file: string): string {
  return file.replace(/[/\\]src[/\\].*$/, '/src/');
}
