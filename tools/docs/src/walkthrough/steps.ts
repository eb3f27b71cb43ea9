import type { Block } from '../markdown/block.ts';
import type { MarkdownDocument, WalkthroughPart } from '../markdown/document.ts';

/** One thing a reader does, in order. */
export type Step =
  | { readonly kind: 'write'; readonly block: Block; readonly file: string }
  | { readonly kind: 'run'; readonly block: Block; readonly output: Block | null }
  | { readonly kind: 'not-run'; readonly block: Block; readonly reason: string };

/** Whether a block belongs to the part of a page that is run. */
export function isWithin({ line }: Block, part: WalkthroughPart | null): boolean {
  return part !== null && line > part.line && line < part.endLine;
}

/** What a walkthrough does, and the blocks of it that are neither run nor written. */
export function stepsOf({ blocks, walkthrough }: MarkdownDocument): {
  readonly steps: readonly Step[];
  readonly rest: readonly Block[];
} {
  const steps: Step[] = [];
  const rest: Block[] = [];
  for (const block of blocks.filter((one) => isWithin(one, walkthrough))) {
    const last = steps.at(-1);
    const { file, output, notRun } = block.info;
    if (notRun !== null) steps.push({ kind: 'not-run', block, reason: notRun });
    else if (file !== null) steps.push({ kind: 'write', block, file });
    else if (output && last?.kind === 'run') steps.splice(-1, 1, { ...last, output: block });
    // What a block prints that is not run is not compared either.
    else if (output && last?.kind === 'not-run') steps.push({ kind: 'not-run', block, reason: last.reason });
    else if (block.language === 'sh') steps.push({ kind: 'run', block, output: null });
    else rest.push(block);
  }
  return { steps, rest };
}
