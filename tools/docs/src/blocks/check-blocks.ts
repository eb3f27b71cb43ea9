import { parseAllDocuments } from 'yaml';

import type { Block } from '../markdown/block.ts';
import type { MarkdownDocument } from '../markdown/document.ts';
import type { Problem } from '../problem.ts';
import { isWithin, stepsOf } from '../walkthrough/steps.ts';
import { checkCommands, type KnownCommands } from './check-commands.ts';
import { checkMermaid } from './check-mermaid.ts';
import { typeCheck } from './type-check.ts';

export interface BlocksReport {
  readonly counts: Readonly<Record<string, number>>;
  readonly problems: readonly Problem[];
  /** Blocks of walkthroughs that are not run, with their reasons. */
  readonly notChecked: readonly Problem[];
}

/** What becomes of a block that no walkthrough runs. */
type Fate = 'types' | 'json' | 'yaml' | 'commands' | 'mermaid' | 'shown';

const fates: Readonly<Record<string, Fate>> = {
  ts: 'types',
  typescript: 'types',
  json: 'json',
  yaml: 'yaml',
  yml: 'yaml',
  sh: 'commands',
  bash: 'commands',
  mermaid: 'mermaid',
};

interface Placed {
  readonly path: string;
  readonly block: Block;
  readonly fate: Fate;
}

/** Checks every block of pages: those of walkthroughs as far as they are not run, all others by their language. */
export function checkBlocks(
  documents: readonly MarkdownDocument[],
  known: KnownCommands & { readonly root: string },
): BlocksReport {
  const steps = documents.flatMap((document) => stepsOf(document).steps.map((step) => ({ document, step })));
  const placed = documents.flatMap(placedIn);
  const typed = placed.filter(({ fate }) => fate === 'types');
  const others = placed.filter(({ fate }) => fate !== 'types').map((one) => checkOne(one, known));
  const count = (fate: Fate) => placed.filter((one) => one.fate === fate).length;
  return {
    counts: {
      'blocks run': steps.filter(({ step }) => step.kind === 'run').length,
      'files written': steps.filter(({ step }) => step.kind === 'write').length,
      'blocks of types': typed.length,
      'JSON and YAML blocks': count('json') + count('yaml'),
      'shell blocks compared': count('commands'),
      'commands in them': others.reduce((sum, { commands }) => sum + commands, 0),
      diagrams: count('mermaid'),
      'blocks only shown': count('shown'),
    },
    problems: [...typeCheck(typed, known), ...others.flatMap(({ problems }) => problems)],
    notChecked: steps.flatMap(({ document, step }) =>
      step.kind === 'not-run' && !step.block.info.output
        ? [{ file: document.path, line: step.block.line, message: `not run: ${step.reason}` }]
        : [],
    ),
  };
}

function placedIn(document: MarkdownDocument): readonly Placed[] {
  const { path, blocks, walkthrough } = document;
  const outside = blocks.filter((block) => !isWithin(block, walkthrough));
  return [...outside, ...stepsOf(document).rest].map((block) => ({
    path,
    block,
    fate: block.info.output ? 'shown' : (fates[block.language] ?? 'shown'),
  }));
}

interface Checked {
  readonly commands: number;
  readonly problems: readonly Problem[];
}

function checkOne({ path, block, fate }: Placed, known: KnownCommands): Checked {
  const at = (line: number, message: string) => ({ file: path, line: block.line + line, message });
  switch (fate) {
    case 'json':
    case 'yaml':
      return { commands: 0, problems: flawsOfData(block.text, fate).map((message) => at(0, message)) };
    case 'mermaid':
      return { commands: 0, problems: checkMermaid(block.text).map((message) => at(0, message)) };
    case 'commands': {
      const { checked, flaws } = checkCommands(block.text, known);
      return { commands: checked, problems: flaws.map(({ line, message }) => at(line + 1, message)) };
    }
    case 'types':
    case 'shown':
      return { commands: 0, problems: [] };
  }
}

/** A JSON block may be several values, one a line, as programs print them. */
function flawsOfData(text: string, language: 'json' | 'yaml'): readonly string[] {
  if (language === 'yaml') return parseAllDocuments(text).flatMap(({ errors }) => errors.map(({ message }) => message));
  try {
    JSON.parse(text);
    return [];
  } catch (error) {
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    return lines.length > 1 && lines.every(isJson) ? [] : [(error as Error).message];
  }
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}
