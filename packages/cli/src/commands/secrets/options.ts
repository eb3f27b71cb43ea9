import { InvalidArgumentError, Option } from 'commander';

/** An option that can be given several times. */
export function repeatable(flags: string, description: string): Option {
  return new Option(flags, description).argParser((value: string, values: readonly string[] | undefined) => [
    ...(values ?? []),
    value,
  ]);
}

export function servicesOption(): Option {
  return repeatable(
    '--service <name>',
    'a service whose secrets it is about, several times for several; all by default',
  );
}

/** `name=value`, several times. */
export function tagsOption(): Option {
  return new Option('--tag <name=value>', 'a tag for secrets that are created, several times for several').argParser(
    (text: string, tags: Readonly<Record<string, string>> | undefined) => {
      const at = text.indexOf('=');
      if (at <= 0) throw new InvalidArgumentError('Expected a name and a value, such as team=shop.');
      return { ...tags, [text.slice(0, at)]: text.slice(at + 1) };
    },
  );
}

export function accountNumber(text: string): string {
  if (!/^\d{12}$/.test(text)) throw new InvalidArgumentError('Expected twelve digits.');
  return text;
}
