import { expect, it } from 'vitest';

import { parseArguments } from './parse-arguments.ts';
import { RecordedStream } from './testing/recorded-stream.ts';

function parse(commandLine: string) {
  const stdout = new RecordedStream({ isTTY: false });
  const stderr = new RecordedStream({ isTTY: false });
  const parsed = parseArguments({ argv: commandLine.split(' ').filter((word) => word !== ''), stdout, stderr });
  return { parsed, stdout, stderr };
}

const everyFlag = '-e demo -c m.yaml --json --yes --verbose --no-color --timeout 90s';

it.each([
  `${everyFlag} deploy api`,
  `deploy api ${everyFlag}`,
  '-e demo -c m.yaml deploy --json --yes api --verbose --no-color --timeout 90s',
])('takes the global flags before and after the command: %s', (commandLine) => {
  expect(parse(commandLine).parsed).toMatchObject({
    kind: 'command',
    command: { name: 'deploy' },
    flags: {
      environment: 'demo',
      config: 'm.yaml',
      json: true,
      yes: true,
      verbose: true,
      color: false,
      timeout: '90s',
    },
  });
});

it.each([
  ['deplyo', "unknown command 'deplyo'", 'did you mean deploy?'],
  ['deploy --plam x', "unknown option '--plam'", 'did you mean --plan?'],
  ['deploy --frobnicate', "unknown option '--frobnicate'", 'maestro deploy --help'],
  ['frobnicate', "unknown command 'frobnicate'", 'maestro --help'],
  ['status api', "too many arguments for 'status'. Expected 0 arguments but got 1: api.", 'maestro status --help'],
  ['deploy --ref', "option '--ref <git-ref>' argument missing", 'maestro deploy --help'],
  ['status --quiet --verbose', "option '--verbose' cannot be used with option '--quiet'", 'maestro status --help'],
  ['migrate rollback', "required option '--service <name>' not specified", 'maestro migrate rollback --help'],
  [
    'migrate rollback --service api --steps 0',
    "option '--steps <count>' argument '0' is invalid. It is a whole number from 1 on.",
    'maestro migrate rollback --help',
  ],
  ['images biuld', "unknown command 'biuld'", 'did you mean build?'],
  [
    'migrate run --phase now',
    "option '--phase <phase>' argument 'now' is invalid. Allowed choices are expand, contract, all.",
    'maestro migrate run --help',
  ],
  ['', 'no command given', 'maestro --help'],
])('explains "maestro %s"', (commandLine, message, hint) => {
  expect(parse(commandLine).parsed).toMatchObject({ kind: 'misused', error: { code: 'CLI_USAGE', message, hint } });
});

it('keeps the flags of a command line that it cannot follow, so that programs get their answer as JSON', () => {
  expect(parse('deploy --frobnicate --json').parsed).toMatchObject({ kind: 'misused', flags: { json: true } });
});

it.each(['--help', 'help', 'deploy --help', 'help deploy', '--version'])(
  'answers "maestro %s" on stdout',
  (commandLine) => {
    const { parsed, stdout, stderr } = parse(commandLine);
    expect(parsed).toEqual({ kind: 'answered' });
    expect(stdout.text).not.toBe('');
    expect(stderr.text).toBe('');
  },
);

it('lists its commands, and the global flags with each of them', () => {
  const commands = parse('--help').stdout.text.split('Commands:\n')[1] ?? '';
  expect(commands.match(/^ {2}\w+/gm)?.map((name) => name.trim())).toEqual([
    'init',
    'doctor',
    'plan',
    'deploy',
    'rollback',
    'resume',
    'abort',
    'status',
    'history',
    'logs',
    'exec',
    'images',
    'migrate',
    'secrets',
    'lock',
    'proxy',
    'metrics',
    'compose',
    'stop',
    'completion',
    'help',
  ]);
  expect(parse('status --help').stdout.text).toContain('--timeout <duration>');
});
