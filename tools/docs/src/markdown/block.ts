/** What is written behind the language of a fenced block. */
export interface BlockInfo {
  /** Written to this file, relative to the folder of the walkthrough. */
  readonly file: string | null;
  readonly append: boolean;
  /** What a shell block is to end with. */
  readonly exit: number;
  /** Whether it is what the shell block before it prints. */
  readonly output: boolean;
  /** Why it cannot be run here; null where it is. */
  readonly notRun: string | null;
}

/** A fenced block. */
export interface Block {
  /** Of its opening fence, from 1 on. */
  readonly line: number;
  /** As it is written; empty where there is none. */
  readonly language: string;
  readonly text: string;
  readonly info: BlockInfo;
  /** The declarations that an HTML comment before it gives the type check: `<!-- ts: declare const … -->`. */
  readonly context: string;
}

const word = /(?<name>[a-z-]+)(?:=(?:"(?<quoted>[^"]*)"|(?<plain>\S+)))?(?:\s+|$)/y;

/** Reads `file=a.ts append exit=3 not-run="why"`; throws an Error that says what is not understood. */
export function parseBlockInfo(meta: string): BlockInfo {
  let info: BlockInfo = { file: null, append: false, exit: 0, output: false, notRun: null };
  const text = meta.trim();
  word.lastIndex = 0;
  while (word.lastIndex < text.length) {
    const at = word.lastIndex;
    const groups = word.exec(text)?.groups;
    if (groups === undefined) throw new Error(`not understood in the head of a block: ${text.slice(at)}`);
    info = { ...info, ...flagOf(groups.name ?? '', groups.quoted ?? groups.plain) };
  }
  if (info.append && info.file === null) throw new Error('append is for a block with file=');
  return info;
}

function flagOf(name: string, value: string | undefined): Partial<BlockInfo> {
  if (value === undefined) {
    if (name === 'output') return { output: true };
    if (name === 'append') return { append: true };
  } else if (value !== '') {
    if (name === 'file') return { file: value };
    if (name === 'not-run') return { notRun: value };
    if (name === 'exit' && /^\d{1,3}$/.test(value)) return { exit: Number(value) };
  }
  throw new Error(`not understood in the head of a block: ${name}${value === undefined ? '' : `=${value}`}`);
}
