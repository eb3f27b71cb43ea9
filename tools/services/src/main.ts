import { parseArgs } from 'node:util';

import { messageOf } from '@maestro/core';

import { check, type Command, down, type PartReport, up } from './commands.ts';
import { partNamed, partNames } from './parts.ts';
import { jsonReporter, type Reporter, tableReporter } from './report.ts';
import { stateFolder } from './state-folder.ts';

const usage = `usage: npm run services -- check | up | down [parts…] [--json]
parts: ${partNames.join(', ')}; all of them where none is named`;
const commands: ReadonlyMap<string | undefined, Command> = new Map([
  ['check', check],
  ['up', up],
  ['down', down],
]);

process.exitCode = await main(process.argv.slice(2));

/** 0: every part is, or can be had; 1: one is missing or the command failed on it; 2: wrong usage. */
async function main(args: readonly string[]): Promise<number> {
  let wanted;
  try {
    wanted = readArguments(args);
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n${usage}\n`);
    return 2;
  }
  return await run(wanted.command, { parts: wanted.parts, reporter: wanted.json ? jsonReporter() : tableReporter() });
}

function readArguments(args: readonly string[]) {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { json: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const [name, ...names] = positionals;
  const command = commands.get(name);
  if (command === undefined) throw new Error(name === undefined ? 'no command' : `there is no command "${name}"`);
  return { command, parts: (names.length === 0 ? partNames : names).map(partNamed), json: values.json };
}

async function run(
  command: Command,
  { parts, reporter }: { readonly parts: readonly ReturnType<typeof partNamed>[]; readonly reporter: Reporter },
): Promise<number> {
  const { report, say, end } = reporter;
  const reports = await command({ parts, state: stateFolder(), onReport: report, say });
  const ok = reports.every(isFine);
  end({ ok, parts: reports });
  return ok ? 0 : 1;
}

function isFine({ state, error }: PartReport): boolean {
  return state !== 'missing' && error === undefined;
}
