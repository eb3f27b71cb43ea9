import type { DescribedCommand } from './described-commands.ts';
import { optionsWithValues, quoted, valuesOf } from './shell-words.ts';

/** A completion script for bash 4 and newer. */
export function bashCompletion(commands: readonly DescribedCommand[]): string {
  const known = commands.filter(({ path }) => path !== '').map(({ path }) => quoted(path));
  return `# Completes maestro in bash: source <(maestro completion bash)
_maestro() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} at='' arguments=0 word i
  local below=() flags=()
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case $word in
      --) return ;;
      ${optionsWithValues(commands).join(' | ')}) i=$((i + 1)) ;;
      -*) ;;
      *)
        case "\${at:+$at }$word" in
          ${known.join(' | ')}) at="\${at:+$at }$word" ;;
          *) arguments=$((arguments + 1)) ;;
        esac
        ;;
    esac
  done
  case "$at:$prev" in
${commands.flatMap(valueCases).join('\n')}
  esac
  case $at in
${commands.map(commandCase).join('\n')}
  esac
  if [[ $cur == -* ]]; then
    COMPREPLY=($(compgen -W "\${flags[*]}" -- "$cur"))
  elif ((arguments == 0)); then
    COMPREPLY+=($(compgen -W "\${below[*]}" -- "$cur"))
  fi
}
complete -F _maestro maestro
`;
}

const files = 'compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur"))';

function valueCases(command: DescribedCommand): readonly string[] {
  return valuesOf(command).map(({ names, value: { isFile, choices } }) => {
    const patterns = names.map((name) => quoted(`${command.path}:${name}`)).join(' | ');
    const words = `COMPREPLY=($(compgen -W ${quoted(choices.join(' '))} -- "$cur"))`;
    return `    ${patterns}) ${isFile ? files : words}; return ;;`;
  });
}

function commandCase({ path, commands, options, choices, takesFile }: DescribedCommand): string {
  const words = [...commands.map(({ name }) => name), ...choices].map(quoted).join(' ');
  const names = [...options.flatMap((option) => option.names), '--help'].map(quoted).join(' ');
  const own = takesFile ? `; ((arguments > 0)) || { ${files}; }` : '';
  return `    ${quoted(path)}) below=(${words}) flags=(${names})${own} ;;`;
}
