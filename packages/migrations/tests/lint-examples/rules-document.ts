import type { Finding } from '../../src/lint.ts';
import type { SqlDialect } from '../../src/sql/dialect.ts';
import { notApplicable } from './all.ts';
import type { Example } from './example.ts';

/** An example with what the linter says about it. */
export interface Judged {
  readonly example: Example;
  readonly inExpand: Finding | undefined;
  readonly inContract: Finding | undefined;
}

const titles: Readonly<Record<SqlDialect, string>> = {
  postgresql: 'PostgreSQL',
  mysql: 'MySQL and MariaDB',
  sqlite: 'SQLite',
};

/** docs/migration-rules.md: what the tests prove, as a table. */
export function rulesDocument(judged: readonly Judged[]): string {
  const sections = Object.entries(titles).map(([dialect, title]) =>
    [`## ${title}`, '', ...tableOf(judged.filter(({ example }) => example.dialect === dialect)), ''].join('\n'),
  );
  return [introduction, ...sections, exclusions(), ''].join('\n');
}

const introduction = `# Rules for migrations

What the linter of [@maestro/migrations](../packages/migrations) finds, made from its tests: each bad example is caught by
the rule beside it, and each safe way passes without a finding. The safe ways are also run on PostgreSQL, MariaDB and
SQLite. To write this file anew:

\`\`\`sh
npx vitest run --project migrations packages/migrations/tests/migration-rules.test.ts --update
\`\`\`

**error**: refused in that phase. **warning**: blocks readers or writers, or is likely to hurt. A file is of the phase
expand unless it says \`-- phase: contract\`. *Also* names the rule of squawk, strong_migrations or eugene that a rule
covers. Several files are numbered: each is a migration of its own.
`;

function tableOf(judged: readonly Judged[]): string[] {
  return [
    '| rule | also | bad | expand | contract | why | safe |',
    '|---|---|---|---|---|---|---|',
    ...judged.map(({ example, inExpand, inContract }) =>
      row(
        `\`${example.rule}\``,
        example.sources.join('<br>'),
        fileText(example.bad),
        inExpand?.severity ?? '',
        inContract?.severity ?? 'fine',
        inExpand?.why ?? '',
        safeText(example.safe),
      ),
    ),
  ];
}

function exclusions(): string {
  return [
    '## Rules of others that do not apply',
    '',
    '| rule | because |',
    '|---|---|',
    ...notApplicable.map(({ source, reason }) => row(source, reason)),
  ].join('\n');
}

function row(...cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function safeText(files: readonly string[]): string {
  if (files.length === 0) return 'by hand';
  if (files.length === 1) return fileText(files[0] ?? '');
  return files.map((file, index) => `${index + 1}. ${fileText(file)}`).join('<br>');
}

/** On one line; the header's directives stand before it. */
function fileText(text: string): string {
  const directives = [...text.matchAll(/^-- (?<directive>[a-z-]+: (?!allow).*)\n/gm)].map(
    ({ groups }) => groups?.directive ?? '',
  );
  const sql = text
    .replace(/^-- (?!lint:)[a-z-]+: .*\n/gm, '')
    .replace(/^(?<comment>--.*)\n/gm, '$<comment> ⏎ ')
    .replace(/\n\s*/g, ' ');
  return [...directives.map((directive) => `*${directive}*`), `\`${sql.trim()}\``].join(' ');
}
