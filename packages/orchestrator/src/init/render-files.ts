import type { FoundService } from './found-service.ts';
import { secretsOf } from './render-config.ts';

/** The names of the secrets that a project is configured with, for people to fill in. */
export function renderEnvExample(services: readonly FoundService[]): string {
  const secrets = secretsOf(services);
  const lines = secrets.map(({ name, example }) => `${name}='${example}'`);
  return `# Secrets of the environments that keep them in .env, one a line; a service gets those that it names in its "secrets".
# cp .env.example .env && chmod 600 .env
${(lines.length === 0 ? ["# API_TOKEN='…'"] : lines).join('\n')}
`;
}

/** Stands in a folder of migrations until there are some, and after. */
export function renderMigrationsReadme({ name }: Pick<FoundService, 'name'>): string {
  return `# Migrations of ${name}

One change of the database a number: \`0001_create_orders.up.sql\`, and \`0001_create_orders.down.sql\` to undo it. The next
one: \`maestro migrate create ${name} add_orders -e development\`. A deployment applies what is new before the new version
starts, while the version before still runs: a change must suit both.
`;
}

/** What of these lines a .gitignore does not have yet, to be added to it; empty for nothing. */
export function missingIgnores(gitignore: string, wanted: readonly string[]): string {
  const own = new Set(gitignore.split(/\r?\n/).map((line) => line.trim().replaceAll(/^\/|\/$/g, '')));
  const missing = wanted.filter((line) => !own.has(line.replaceAll(/^\/|\/$/g, '')));
  if (missing.length === 0) return '';
  const newline = gitignore === '' || gitignore.endsWith('\n') ? '' : '\n';
  return `${newline}${missing.map((line) => `${line}\n`).join('')}`;
}
