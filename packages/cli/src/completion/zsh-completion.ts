import type { DescribedCommand } from './described-commands.ts';
import { optionsWithValues, quoted, valuesOf } from './shell-words.ts';

/** A completion script for zsh, to be sourced or put into a folder of $fpath as `_maestro`. */
export function zshCompletion(commands: readonly DescribedCommand[]): string {
  const known = commands.filter(({ path }) => path !== '').map(({ path }) => quoted(path));
  return `#compdef maestro
# Completes maestro in zsh: source <(maestro completion zsh)
_maestro() {
  local cur="\${words[CURRENT]}" prev="\${words[CURRENT-1]}" at='' word
  local -i i arguments=0
  local -a below flags values
  for ((i = 2; i < CURRENT; i++)); do
    word="\${words[i]}"
    case "$word" in
      --) _files; return ;;
      ${optionsWithValues(commands).join('|')}) i=$((i + 1)) ;;
      -*) ;;
      *)
        case "\${at:+$at }$word" in
          ${known.join('|')}) at="\${at:+$at }$word" ;;
          *) arguments=$((arguments + 1)) ;;
        esac
        ;;
    esac
  done
  case "$at:$prev" in
${commands.flatMap(valueCases).join('\n')}
  esac
  case "$at" in
${commands.map(commandCase).join('\n')}
  esac
  if [[ "$cur" == -* ]]; then
    _describe -o 'option' flags
  elif ((arguments == 0)); then
    _describe 'command' below
  fi
}
compdef _maestro maestro
if [ "$funcstack[1]" = "_maestro" ]; then
  _maestro
fi
`;
}

function valueCases(command: DescribedCommand): readonly string[] {
  return valuesOf(command).map(({ names, value: { isFile, choices } }) => {
    const patterns = names.map((name) => quoted(`${command.path}:${name}`)).join('|');
    const words = `values=(${choices.map(quoted).join(' ')}); _describe 'value' values`;
    return `    ${patterns}) ${isFile ? '_files' : words}; return ;;`;
  });
}

function commandCase({ path, commands, options, choices, takesFile }: DescribedCommand): string {
  const words = [
    ...commands.map(({ name, description }) => described(name, description)),
    ...choices.map((choice) => described(choice, '')),
  ];
  const flags = options.flatMap(({ names, description }) => names.map((name) => described(name, description)));
  const own = takesFile ? '; ((arguments > 0)) || _files' : '';
  return `    ${quoted(path)}) below=(${words.join(' ')}) flags=(${flags.join(' ')})${own} ;;`;
}

/** What stands behind the first colon is shown, and not completed. */
function described(name: string, description: string): string {
  const escaped = name.replaceAll(':', '\\:');
  return quoted(description === '' ? escaped : `${escaped}:${description}`);
}
