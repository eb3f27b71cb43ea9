import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { isoTime, messageOf, reportError, systemClock } from '@maestro/core';

import { check } from './check.ts';
import { DocsError } from './errors.ts';
import type { DocsEvent, DocsResult } from './events.ts';
import { generate } from './generate.ts';
import { narrate } from './narrator.ts';
import { transcriptOf } from './walkthrough/transcript.ts';

const usage = `usage: npm run docs                        writes docs/reference, and the pages of figures
  --api <folder>                           and a page for each export of the packages into a new folder
       npm run docs:check -- [files…]      checks links, blocks and reference, and runs walkthroughs
  --quick                                  runs no walkthroughs
  --transcript <file>                      writes what the walkthroughs did and printed
  --json                                   an event a line, the result last`;

const root = join(import.meta.dirname, '..', '..', '..');
const interruption = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    interruption.abort(new DocsError('DOCS_INTERRUPTED', `stopped by ${name}`));
  });
}

process.exitCode = await main(process.argv.slice(2));

/** 0: all is as it says; 1: something is not, or could not be found out; 2: wrong usage. */
async function main(args: readonly string[]): Promise<number> {
  let wanted;
  try {
    wanted = readArguments(args);
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n${usage}\n`);
    return 2;
  }
  const events: DocsEvent[] = [];
  const emit = (event: DocsEvent) => {
    events.push(event);
    const text = wanted.json ? JSON.stringify({ ...event, at: isoTime(systemClock) }) : narrate(event);
    if (text !== undefined) process.stdout.write(`${text}\n`);
  };
  const result = await perform(wanted, emit);
  emit(result);
  if (wanted.transcript !== undefined) await writeFile(wanted.transcript, transcriptOf(events));
  return interruption.signal.aborted ? 130 : result.ok ? 0 : 1;
}

function readArguments(args: readonly string[]) {
  const flag = { type: 'boolean', default: false } as const;
  const options = { json: flag, quick: flag, transcript: { type: 'string' }, api: { type: 'string' } } as const;
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  const [command = 'generate', ...files] = positionals;
  if (command !== 'generate' && command !== 'check') throw new Error(`there is no command "${command}"`);
  if (command === 'generate' && files.length > 0) throw new Error('the reference is generated as a whole');
  return { command, files, ...values };
}

async function perform(
  { command, files, quick, api }: ReturnType<typeof readArguments>,
  emit: (event: DocsEvent) => void,
): Promise<DocsResult> {
  const common = { root, emit, clock: systemClock, signal: interruption.signal };
  try {
    return command === 'generate' ? await generate({ ...common, api }) : await check({ ...common, files, run: !quick });
  } catch (error) {
    const { code, message, hint } = reportError(error);
    const told = { code, message, ...(hint === undefined ? {} : { hint }) };
    return { type: 'result', ok: false, counts: {}, problems: [], notChecked: [], error: told };
  }
}
