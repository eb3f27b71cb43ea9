import type { Instruction, Stage } from './read-dockerfile.ts';
import type { Rule } from './rule.ts';
import { readScript, type ShellScript } from './shell-commands.ts';

type Command = readonly string[];

/** Rules about what RUN runs. */
export const shellRules: readonly Rule[] = [
  commands('DL3008', 'name the versions of what apt-get installs: <package>=<version>', (command) =>
    aptPackages(command).some((name) => !/[=/]|\.deb$/.test(name)),
  ),
  {
    code: 'DL3009',
    message: 'remove the package lists in the same RUN: rm -rf /var/lib/apt/lists/*',
    check: ({ stages }) =>
      stages.flatMap((stage, index) => {
        // Files of other stages are in no image.
        const isKept = index === stages.length - 1 || stages.some(({ image }) => image.toLowerCase() === stage.name);
        const lists = (run: Instruction) =>
          isKept && updates(run) && !removesLists(run) && !mounts(run, '/var/lib/apt');
        return runs(stage)
          .filter(lists)
          .map(({ line }) => line);
      }),
  },
  commands(
    'DL3015',
    'install what is asked for alone: apt-get install --no-install-recommends',
    (command) =>
      isInstall(command) &&
      !command.includes('--no-install-recommends') &&
      !command.includes('APT::Install-Recommends=false'),
  ),
  commands('DL3027', 'apt is for people: use apt-get or apt-cache', ([name]) => name === 'apt'),
  {
    code: 'DL3042',
    message: "keep pip's cache out of the image: pip install --no-cache-dir",
    check: ({ stages }) =>
      stages.flatMap((stage) => {
        const withoutCache = stage.instructions.some(
          ({ keyword, text }) => keyword === 'ENV' && /\bPIP_NO_CACHE_DIR[= ]["']?(?:1|true|on|yes)\b/i.test(text),
        );
        const caches = (run: Instruction) =>
          scriptOf(run).commands.some((command) => isPipInstall(command) && !command.includes('--no-cache-dir'));
        return runs(stage)
          .filter((run) => !withoutCache && !mounts(run, '.cache/pip') && caches(run))
          .map(({ line }) => line);
      }),
  },
  {
    code: 'DL4006',
    message:
      'in front of a RUN with a pipe: SHELL ["/bin/bash", "-o", "pipefail", "-c"], or all but its last command may fail',
    check: ({ stages }) => stages.flatMap(unguardedPipes),
  },
];

function commands(code: string, message: string, broken: (command: Command) => boolean): Rule {
  return {
    code,
    message,
    check: ({ stages }) =>
      stages
        .flatMap(runs)
        .filter((run) => scriptOf(run).commands.some(broken))
        .map(({ line }) => line),
  };
}

function runs({ instructions }: Stage): readonly Instruction[] {
  return instructions.filter(({ keyword }) => keyword === 'RUN');
}

/** A document is a script where nothing else, or a shell, is to read it. */
function scriptOf({ json, text, documents }: Instruction): ShellScript {
  if (json !== undefined) return { commands: [json], hasPipe: false };
  const reader = text.replaceAll(/<<-?\S+/g, '').trim();
  const isScript = documents.length > 0 && /^(?:\/bin\/)?(?:|sh|bash|ash)(?: -\w+)*$/.test(reader);
  return readScript(isScript ? documents.join('\n') : text);
}

function unguardedPipes({ instructions }: Stage): readonly number[] {
  let guarded = false;
  return instructions
    .filter((instruction) => {
      const { keyword, json = [] } = instruction;
      if (keyword === 'SHELL') guarded = json.includes('pipefail') || /pwsh|powershell|cmd/.test(json[0] ?? '');
      return keyword === 'RUN' && !guarded && scriptOf(instruction).hasPipe;
    })
    .map(({ line }) => line);
}

function isInstall([name, ...args]: Command): boolean {
  return name === 'apt-get' && args.includes('install');
}

function aptPackages(command: Command): readonly string[] {
  if (!isInstall(command)) return [];
  const isTarget = (word: string | undefined) => word === '-t' || word === '--target-release';
  const args = command.slice(1).filter((word, index) => !word.startsWith('-') && !isTarget(command[index]));
  return args.filter((word) => word !== 'install');
}

function updates(run: Instruction): boolean {
  return scriptOf(run).commands.some(
    ([name = '', ...args]) => /^(?:apt|apt-get|aptitude)$/.test(name) && args.includes('update'),
  );
}

function removesLists(run: Instruction): boolean {
  return scriptOf(run).commands.some(([name, ...args]) => name === 'rm' && args.includes('/var/lib/apt/lists/*'));
}

function mounts({ flags }: Instruction, place: string): boolean {
  return flags.some(
    ({ name, value }) => name === 'mount' && /type=(?:cache|tmpfs)/.test(value) && value.includes(place),
  );
}

function isPipInstall([name = '', ...args]: Command): boolean {
  const [first, second, third] = args;
  if (/^pip[\d.]*$/.test(name)) return args.includes('install');
  return /^python[\d.]*$/.test(name) && first === '-m' && second === 'pip' && third === 'install';
}
