import type { CommandDefinition, CommandLine, OptionDefinition } from '../command-line.ts';
import { code, renderPage, sentence, table } from './markdown-page.ts';

const exitCodeMeanings: Readonly<Record<string, string>> = {
  done: 'done',
  failed: 'it failed; the old version is untouched or restored',
  misused: 'wrong usage or configuration; nothing was touched',
  refused:
    'refused: another one holds the lock, the plan is no longer the one that was seen, a gate or a check said no',
  cutOff: 'a release was cut off: `maestro resume` or `maestro abort`',
  interrupted: 'stopped on request, after cleaning up',
};

/** The command line: every command with its arguments, options and examples, and what exit codes say. */
export function cliPage({ program, examples, exitCodes }: CommandLine): string {
  const leaves = leavesOf(program, []);
  return renderPage({
    title: 'The command line',
    from: 'the definitions of the commands in packages/cli',
    body: [
      program.description(),
      table(
        ['command', 'does'],
        leaves.map(({ path, command }) => [`[${code(`maestro ${path}`)}](#${anchorOf(path)})`, command.description()]),
      ),
      '## Options of every command',
      optionsTable(program.options),
      '## Exit codes',
      table(
        ['code', 'says'],
        Object.entries(exitCodes).map(([name, exitCode]) => [String(exitCode), exitCodeMeanings[name] ?? name]),
      ),
      'Which error ends with which code stands with [the errors](errors.md).',
      ...leaves.flatMap(({ path, command }) => section(path, command, examples[path] ?? [])),
    ],
  });
}

interface Leaf {
  readonly path: string;
  readonly command: CommandDefinition;
}

function leavesOf(command: CommandDefinition, above: readonly string[]): readonly Leaf[] {
  return command.commands.flatMap((one) => {
    const path = [...above, one.name()];
    return one.commands.length === 0 ? [{ path: path.join(' '), command: one }] : leavesOf(one, path);
  });
}

function section(path: string, command: CommandDefinition, lines: readonly string[]): readonly string[] {
  const usage = ['maestro', path, command.usage().replace(/^\[options\] ?/, '')].join(' ').trimEnd();
  const rows = command.registeredArguments.map((one) => [
    code(one.required ? `<${one.name()}>` : `[${one.name()}]`),
    withChoices(one.description, one.argChoices),
  ]);
  return [
    `## maestro ${path}`,
    sentence(command.description()),
    ['```text', command.options.length === 0 ? usage : `${usage} [options]`, '```'].join('\n'),
    ...(rows.length === 0 ? [] : [table(['argument', 'is'], rows)]),
    ...(command.options.length === 0 ? [] : [optionsTable(command.options)]),
    ...(lines.length === 0 ? [] : [['```sh', ...lines, '```'].join('\n')]),
  ];
}

function optionsTable(options: readonly OptionDefinition[]): string {
  return table(
    ['option', 'is'],
    options
      .filter(({ hidden }) => !hidden)
      .map((one) => [code(one.flags), withChoices(one.description, one.argChoices)]),
  );
}

function withChoices(description: string, choices: readonly string[] | undefined): string {
  return choices === undefined ? description : `${description}: ${choices.map(code).join(', ')}`;
}

function anchorOf(path: string): string {
  return `maestro-${path.replaceAll(' ', '-')}`;
}
