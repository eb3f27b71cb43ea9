import type { DescribedCommand, DescribedOption } from './described-commands.ts';
import { optionsWithValues } from './shell-words.ts';

/** A completion script for fish 3 and newer. */
export function fishCompletion(commands: readonly DescribedCommand[]): string {
  const known = commands.filter(({ path }) => path !== '').map(({ path }) => quoted(path));
  return `# Completes maestro in fish: maestro completion fish > ~/.config/fish/completions/maestro.fish
function __maestro_at
    set -l at
    set -l skip no
    for word in (commandline -opc)[2..-1]
        if test $skip = yes
            set skip no
            continue
        end
        switch $word
            case ${optionsWithValues(commands).join(' ')}
                set skip yes
            case '-*'
            case '*'
                if contains -- (string join ' ' $at $word) ${known.join(' ')}
                    set -a at $word
                end
        end
    end
    set -l joined (string join ' ' $at)
    test "$joined" = "$argv[1]"
end
complete -c maestro -f
${commands.flatMap(linesOf).join('\n')}
`;
}

function linesOf({ path, commands, options, choices, takesFile }: DescribedCommand): readonly string[] {
  const here = `complete -c maestro -n ${quoted(`__maestro_at ${quoted(path)}`)}`;
  return [
    ...commands.map(({ name, description }) => `${here} -a ${quoted(name)} -d ${quoted(description)}`),
    ...choices.map((choice) => `${here} -a ${quoted(choice)}`),
    ...options.map((option) => `${here} ${optionOf(option)}`),
    ...(takesFile ? [`${here} -F`] : []),
  ];
}

function optionOf({ names, description, value }: DescribedOption): string {
  const spelled = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  const choices = value === null || value.choices.length === 0 ? [] : [`-a ${quoted(value.choices.join(' '))}`];
  const taken = value === null ? [] : [value.isFile ? '-r -F' : '-x'];
  return [...spelled, ...taken, ...choices, `-d ${quoted(description)}`].join(' ');
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
