/** The files of one migration, by name only. */
export type NamedMigration =
  | {
      readonly kind: 'sql';
      readonly name: string;
      readonly number: number;
      readonly up: string;
      readonly down: string | undefined;
    }
  | { readonly kind: 'module'; readonly name: string; readonly number: number; readonly file: string };

export interface NamedMigrations {
  /** By number. */
  readonly migrations: readonly NamedMigration[];
  readonly problems: readonly string[];
}

interface FileParts {
  readonly file: string;
  readonly name: string;
  readonly number: number;
  readonly role: 'up' | 'down' | 'module';
}

const migrationFile = /^(?<name>(?<number>\d{4,15})_[a-z0-9_]+)\.(?:(?<role>up|down)\.sql|ts|js|mjs)$/;
// What compilers write beside a module is no migration, whatever its name looks like.
const ignored = /^\.|\.d\.m?ts$|\.map$/;
/** The module with the hooks of the migrations beside it; there is one at most. */
export const hooksFiles = ['hooks.ts', 'hooks.js', 'hooks.mjs'] as const;

const meantAsMigration = /^\d|\.(sql|[cm]?ts|[cm]?js)$/;

/** Finds the migrations in a folder's listing; all that is wrong with the names is reported together. */
export function readFileNames(listing: readonly string[]): NamedMigrations {
  const problems: string[] = [];
  const parts = new Map<number, FileParts[]>();
  const hooks = hooksFiles.filter((file) => listing.includes(file));
  if (hooks.length > 1) problems.push(`hooks is there more than once: ${hooks.join(', ')}`);
  for (const file of listing.filter(isMeantAsMigration).sort()) {
    const found = partsOf(file);
    if (found === undefined) problems.push(`${file}: ${unreadable(file)}`);
    else parts.set(found.number, [...(parts.get(found.number) ?? []), found]);
  }
  const migrations: NamedMigration[] = [];
  for (const [number, files] of parts) {
    const migration = combine(number, files);
    if (typeof migration === 'string') problems.push(migration);
    else migrations.push(migration);
  }
  return { migrations: migrations.sort((a, b) => a.number - b.number), problems };
}

function isMeantAsMigration(file: string): boolean {
  return !ignored.test(file) && meantAsMigration.test(file) && !hooksFiles.some((hooks) => hooks === file);
}

function partsOf(file: string): FileParts | undefined {
  const { name, number, role = 'module' } = migrationFile.exec(file)?.groups ?? {};
  if (name === undefined || number === undefined) return undefined;
  return { file, name, number: Number(number), role: role as FileParts['role'] };
}

function unreadable(file: string): string {
  return file.endsWith('.sql')
    ? 'expected NNNN_name.up.sql or NNNN_name.down.sql, the name of a-z, 0-9 and _'
    : 'expected NNNN_name.ts, .js or .mjs, the name of a-z, 0-9 and _';
}

/** The one migration that files with the same number make, or why they make none. */
function combine(number: number, files: readonly FileParts[]): NamedMigration | string {
  const listed = files.map(({ file }) => file).join(', ');
  const names = new Set(files.map(({ name }) => name));
  const [name = ''] = names;
  if (names.size > 1) return `the number ${number} is used more than once: ${listed}`;

  const fileWith = (role: FileParts['role']) => files.find((part) => part.role === role)?.file;
  const [up, down, module] = [fileWith('up'), fileWith('down'), fileWith('module')];
  const isOnce = new Set(files.map(({ role }) => role)).size === files.length;
  if (!isOnce || (module !== undefined && files.length > 1)) return `${name} is there more than once: ${listed}`;
  if (module !== undefined) return { kind: 'module', name, number, file: module };
  if (up === undefined) return `${listed}: there is no ${name}.up.sql to it`;
  return { kind: 'sql', name, number, up, down };
}
