import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { expect, it } from 'vitest';

import { leavesOf } from '../command-tree.ts';
import { commandLine } from '../parse-arguments.ts';
import { RecordedStream } from '../testing/recorded-stream.ts';
import { completionScript } from './completion-script.ts';
import { describeCommands } from './described-commands.ts';

const stream = new RecordedStream({ isTTY: false });
const program = commandLine({ stdout: stream, stderr: stream }, () => undefined);

/** What bash offers for each of these lines, the cursor at the end. */
async function offered(...lines: readonly string[]): Promise<readonly (readonly string[])[]> {
  const run = `${completionScript('bash', program)}
    # It is called outside of a completion here, where there are no options to set.
    compopt() { :; }
    for line in "$@"; do
      IFS=' ' read -r -a COMP_WORDS <<< "maestro $line"
      [[ $line == *' ' ]] && COMP_WORDS+=('')
      COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
      _maestro
      echo "\${COMPREPLY[*]}"
    done`;
  const { stdout } = await promisify(execFile)('bash', ['-c', run, 'bash', ...lines], { cwd: import.meta.dirname });
  const answers = stdout.split('\n').slice(0, -1);
  return answers.map((answer) => answer.split(' ').filter((word) => word !== ''));
}

it.each([
  ['dep', ['deploy']],
  ['-e production stat', ['status']],
  ['-e deploy lo', ['logs', 'lock']],
  ['images sc', ['scan']],
  ['migrate --service images ru', ['run']],
  ['deploy --ca', ['--canary']],
  ['images build --pu', ['--push']],
  ['images build --qui', ['--quiet']],
  ['logs api --slot ', ['blue', 'green']],
  ['migrate run --phase ex', ['expand']],
  ['completion ', ['bash', 'zsh', 'fish']],
  ['status -c zsh', ['zsh-completion.ts']],
  ['images load zsh', ['zsh-completion.ts']],
  ['exec api -- dep', []],
  ['deploy --ref ', []],
  ['status ', []],
])('bash completes "maestro %s" with %s', async (line, words) => {
  expect(await offered(line)).toEqual([words]);
});

it('completes every command and every option of it in bash', async () => {
  const paths = leavesOf(program).map(({ path }) => path);
  expect(await offered(...paths)).toEqual(paths.map((path) => [path.split(' ').at(-1)]));
  const described = describeCommands(program);
  const flags = await offered(...described.map(({ path }) => `${path} -`.trimStart()));
  described.forEach(({ options }, index) => {
    expect(flags[index]).toEqual([...options.flatMap(({ names }) => names), '--help']);
  });
});

it.each(['zsh', 'fish'] as const)('has every command and option for %s', (shell) => {
  const script = completionScript(shell, program);
  for (const { commands, options } of describeCommands(program)) {
    for (const { name } of commands) expect(script).toContain(`'${name}`);
    for (const { names } of options) {
      for (const name of names) expect(script).toContain(shell === 'zsh' ? `'${name}` : ` ${name.replace(/^-+/, '')} `);
    }
  }
});
