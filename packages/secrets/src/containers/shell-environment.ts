import { unfitForEnvironment } from '../errors.ts';

/**
 * The text that sets these variables in any POSIX shell that sources it, each byte as it is.
 * Throws SECRETS_UNFIT_FOR_ENVIRONMENT for a name that is no variable's, and for a value with a NUL.
 */
export function shellEnvironment(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => {
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
        throw unfitForEnvironment(name, 'its name is not made of letters, digits and underscores');
      }
      if (value.includes('\0')) throw unfitForEnvironment(name, 'its value holds a NUL character');
      return `export ${name}='${value.replaceAll("'", "'\\''")}'\n`;
    })
    .join('');
}
