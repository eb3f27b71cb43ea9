import { DatabaseSync } from 'node:sqlite';

interface Template {
  readonly id: number;
  readonly name: string;
  readonly body: string;
  readonly createdAt: string;
}

interface NewTemplate {
  readonly name: string;
  readonly body: string;
  readonly idempotencyKey: string | null;
}

/** `created`: stored now. `replayed`: stored earlier under the same key. `conflict`: the key stands for another template. */
type Creation =
  { readonly outcome: 'created' | 'replayed'; readonly template: Template } | { readonly outcome: 'conflict' };

export interface TemplateStore {
  create(template: NewTemplate): Creation;
  find(id: number): Template | undefined;
  /** In the order of their ids, after the one given. */
  list(page: { readonly after: number; readonly limit: number }): readonly Template[];
  count(): number;
  /** Throws when the database cannot be used. */
  check(): void;
  close(): void;
}

// Columns are named everywhere: the next version may add some while this one still runs.
const columns = 'id, name, body, created_at AS createdAt';

export function openTemplateStore(path: string): TemplateStore {
  const database = new DatabaseSync(path);
  // Two versions write side by side during a release: readers do not wait for writers, and writers wait their turn.
  database.exec('PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL;');

  const findByKey = (key: string) =>
    database.prepare(`SELECT ${columns} FROM templates WHERE idempotency_key = ?`).get(key) as Template | undefined;

  return {
    create({ name, body, idempotencyKey }) {
      const template = database
        .prepare(
          `INSERT INTO templates (name, body, idempotency_key) VALUES (?, ?, ?)
           ON CONFLICT (idempotency_key) DO NOTHING RETURNING ${columns}`,
        )
        .get(name, body, idempotencyKey) as Template | undefined;
      if (template !== undefined) return { outcome: 'created', template };

      const earlier = idempotencyKey === null ? undefined : findByKey(idempotencyKey);
      if (earlier?.name !== name || earlier.body !== body) return { outcome: 'conflict' };
      return { outcome: 'replayed', template: earlier };
    },
    find: (id) => database.prepare(`SELECT ${columns} FROM templates WHERE id = ?`).get(id) as Template | undefined,
    list: ({ after, limit }) =>
      database
        .prepare(`SELECT ${columns} FROM templates WHERE id > ? ORDER BY id LIMIT ?`)
        .all(after, limit)
        .map(asTemplate),
    count: () => (database.prepare('SELECT count(*) AS count FROM templates').get() as { count: number }).count,
    check() {
      database.prepare('SELECT id FROM templates LIMIT 1').get();
    },
    close() {
      database.close();
    },
  };
}

/** The columns are those of `columns`, under the names of `Template`. */
function asTemplate(row: object): Template {
  return row as Template;
}
