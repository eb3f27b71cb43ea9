import { type Alias, Document, isMap, isScalar, Scalar, visit } from 'yaml';

import type { ComposeValue } from './compose-value.ts';

export interface ComposeContent {
  readonly content: Readonly<Record<string, ComposeValue>>;
  /** Lines of comment at the top. */
  readonly header: readonly string[];
  /** A text that is written once, under this key at the top, and referred to from where else it is. */
  readonly shared: { readonly key: string; readonly text: string };
}

/**
 * A compose file as text. Dollar signs are doubled: alone they would be variables. Whatever a reader of YAML 1.1 takes for
 * something else than text, as docker-compose 1 does with `on` and `12:30`, is in quotes.
 */
export function writeCompose({ content, header, shared }: ComposeContent): string {
  const document = new Document(withShared(content, shared), { compat: 'yaml-1.1', aliasDuplicateObjects: false });
  document.commentBefore = header.map((line) => ` ${line}`.trimEnd()).join('\n');
  visit(document, {
    Scalar: (key, node, ancestors) => {
      if (node.value === shared.text && ancestors.length > 3) return referTo(document, shared.key);
      // Names are no values: nothing is put in for variables in them.
      if (key === 'key' || typeof node.value !== 'string') return undefined;
      const text = node.value.replaceAll('$', '$$$$');
      node.value = text;
      node.type = styleOf(text);
      return undefined;
    },
  });
  spaceOut(document);
  const text = document.toString({ lineWidth: 0, nullStr: '', singleQuote: true });
  return text.replaceAll(unwritable, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function withShared(
  content: Readonly<Record<string, ComposeValue>>,
  { key, text }: ComposeContent['shared'],
): Readonly<Record<string, ComposeValue>> {
  return JSON.stringify(content).includes(JSON.stringify(text)) ? { [key]: text, ...content } : content;
}

function referTo(document: Document, key: string): Alias {
  return document.createAlias(document.get(key, true) as Scalar, key.replace(/^x-/, ''));
}

/** What YAML 1.1 takes for line breaks, or not at all, and the writer does not escape. */
const unwritable = /[\u007f-\u009f\u2028\u2029\ufeff]/g;

/** What nobody can take for anything but text. */
const plain = /^[A-Za-z/.][\w./@-]*$/;

function styleOf(text: string): Scalar.Type {
  // Only there is an escape one.
  if (text.search(unwritable) !== -1) return Scalar.QUOTE_DOUBLE;
  if (text.includes('\n') && !/[^\S\n]\n|[^\P{Cc}\n]/u.test(text)) return Scalar.BLOCK_LITERAL;
  return plain.test(text) ? Scalar.PLAIN : Scalar.QUOTE_SINGLE;
}

/** An empty line before each section, and before each service. */
function spaceOut(document: Document): void {
  if (!isMap(document.contents)) return;
  for (const [index, section] of document.contents.items.entries()) {
    if (isScalar(section.key)) section.key.spaceBefore = index > 0;
    if (!isMap(section.value) || !isScalar(section.key) || section.key.value !== 'services') continue;
    for (const service of section.value.items.slice(1)) if (isScalar(service.key)) service.key.spaceBefore = true;
  }
}
