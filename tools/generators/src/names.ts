const kebabCase = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
/** Names that say nothing, which no file or package of this project has. */
const empty = new Set(['common', 'helper', 'helpers', 'manager', 'misc', 'shared', 'util', 'utils']);

/** One name in each of the spellings that code needs. */
export interface Names {
  /** `audit-log` */
  readonly kebab: string;
  /** `AuditLog` */
  readonly pascal: string;
  /** `auditLog` */
  readonly camel: string;
  /** `AUDIT_LOG` */
  readonly constant: string;
  /** `audit log` */
  readonly words: string;
}

/** The spellings of a kebab-case name; throws with what is wrong with any other. */
export function namesOf(what: string, given: string): Names {
  const kebab = given.trim();
  if (kebab.startsWith('@')) throw new Error(`${what} "${given}": leave the scope out, such as audit-log`);
  if (!kebabCase.test(kebab)) {
    throw new Error(
      `${what} "${given}": expected kebab-case, letters a-z, digits and single dashes, beginning with a letter, such as ${suggestion(kebab)}`,
    );
  }
  const useless = kebab.split('-').find((word) => empty.has(word));
  if (useless !== undefined)
    throw new Error(`${what} "${given}": "${useless}" says nothing; name it after what it does`);
  const words = kebab.split('-');
  const pascal = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  return {
    kebab,
    pascal,
    camel: pascal.charAt(0).toLowerCase() + pascal.slice(1),
    constant: words.join('_').toUpperCase(),
    words: words.join(' '),
  };
}

/** `AuditLog_v2` as `audit-log-v2`, where anything is left to spell. */
export function suggestion(given: string): string {
  const kebab = given
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[-0-9]+|-+$/g, '');
  return kebabCase.test(kebab) ? kebab : 'audit-log';
}
