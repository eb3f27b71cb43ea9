import { fromMarkdown } from 'mdast-util-from-markdown';

import type { Problem } from '../problem.ts';
import { AnchorNames } from './anchors.ts';
import { type Block, parseBlockInfo } from './block.ts';

/** Where a link or picture leads. */
export interface Link {
  readonly line: number;
  readonly target: string;
}

/** The part of a page whose blocks are run in order. */
export interface WalkthroughPart {
  readonly line: number;
  /** Names of the parts it needs, as they are written. */
  readonly needs: readonly string[];
  /** The line of the heading that ends it; past the last one where none does. */
  readonly endLine: number;
}

/** A Markdown file, as far as it is checked. */
export interface MarkdownDocument {
  /** Relative to the repository, with slashes. */
  readonly path: string;
  readonly title: string;
  readonly anchors: ReadonlySet<string>;
  readonly links: readonly Link[];
  readonly blocks: readonly Block[];
  readonly walkthrough: WalkthroughPart | null;
  /** What of it cannot be understood. */
  readonly problems: readonly Problem[];
}

type Node = ReturnType<typeof fromMarkdown>['children'][number];
type AnyNode = { readonly type: string; readonly children?: readonly AnyNode[]; readonly value?: string };

interface Heading {
  readonly line: number;
  readonly depth: number;
  readonly text: string;
}

interface Findings {
  readonly headings: Heading[];
  readonly links: Link[];
  readonly comments: { readonly line: number; readonly text: string }[];
  readonly ids: string[];
  readonly blocks: Block[];
  readonly problems: Problem[];
}

/** Reads a Markdown file. */
export function readDocument(path: string, text: string): MarkdownDocument {
  const found: Findings = { headings: [], links: [], comments: [], ids: [], blocks: [], problems: [] };
  const tree = fromMarkdown(text);
  collect(tree.children, path, found);
  const names = new AnchorNames();
  return {
    path,
    title: found.headings[0]?.text ?? path,
    anchors: new Set([...found.headings.map((heading) => names.of(heading.text)), ...found.ids]),
    links: found.links,
    blocks: found.blocks,
    walkthrough: walkthroughIn(found),
    problems: found.problems,
  };
}

function collect(nodes: readonly Node[], path: string, found: Findings): void {
  let context = '';
  for (const node of nodes) {
    const line = node.position?.start.line ?? 1;
    if (node.type === 'code') found.blocks.push(...blockOf(node, { path, line, context, found }));
    context = '';
    if (node.type === 'heading') found.headings.push({ line, depth: node.depth, text: textOf(node) });
    if (node.type === 'html') {
      collectHtml(node.value, line, found);
      context = /^<!--\s*ts:(?<code>[\s\S]*?)-->$/.exec(node.value.trim())?.groups?.code?.trim() ?? '';
    }
    if (node.type === 'link' || node.type === 'image' || node.type === 'definition') {
      found.links.push({ line, target: node.url });
    }
    if ('children' in node) collect(node.children, path, found);
  }
}

function collectHtml(html: string, line: number, found: Findings): void {
  const comment = /^<!--(?<text>[\s\S]*?)-->$/.exec(html.trim())?.groups?.text;
  if (comment !== undefined) {
    found.comments.push({ line, text: comment.trim() });
    return;
  }
  for (const [, id = ''] of html.matchAll(/\b(?:id|name)="([^"]+)"/g)) found.ids.push(id);
  for (const [, target = ''] of html.matchAll(/\b(?:href|src)="([^"]+)"/g)) found.links.push({ line, target });
}

interface BlockPlace {
  readonly path: string;
  readonly line: number;
  readonly context: string;
  readonly found: Findings;
}

function blockOf(
  { lang, meta, value }: Extract<Node, { type: 'code' }>,
  { path, line, context, found }: BlockPlace,
): readonly Block[] {
  try {
    return [{ line, language: lang ?? '', text: value, info: parseBlockInfo(meta ?? ''), context }];
  } catch (error) {
    found.problems.push({ file: path, line, message: (error as Error).message });
    return [];
  }
}

/** What a reader sees of it. */
function textOf(node: AnyNode): string {
  return node.value ?? (node.children ?? []).map(textOf).join('');
}

/** From its mark to the next heading that is not below the one the mark stands under. */
function walkthroughIn({ comments, headings }: Findings): WalkthroughPart | null {
  const mark = comments.find(({ text }) => /^walkthrough(?:$|:)/.test(text));
  if (mark === undefined) return null;
  const { line, text } = mark;
  const above = headings.findLast((heading) => heading.line < line)?.depth ?? 0;
  const end = headings.find((heading) => heading.line > line && heading.depth <= above);
  const needs = text
    .replace(/^walkthrough:?/, '')
    .split(/\s+/)
    .filter((name) => name !== '');
  return { line, needs, endLine: end?.line ?? Number.POSITIVE_INFINITY };
}
