import type { DescribedCommand, DescribedOption } from './described-commands.ts';

/** In single quotes, as bash and zsh read it. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Every option that takes a value, of any command: the word after it is no command. */
export function optionsWithValues(commands: readonly DescribedCommand[]): readonly string[] {
  return [...new Set(commands.flatMap(valuesOf).flatMap(({ names }) => names))];
}

interface ValueOption extends DescribedOption {
  readonly value: NonNullable<DescribedOption['value']>;
}

/** The options of a command that take a value. */
export function valuesOf({ options }: DescribedCommand): readonly ValueOption[] {
  return options.flatMap((option) => (option.value === null ? [] : [{ ...option, value: option.value }]));
}
