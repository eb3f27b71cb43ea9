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
}

/** `created`: stored now. `replayed`: the same was stored earlier. `conflict`: the name stands for another template. */
type Creation =
  { readonly outcome: 'created' | 'replayed'; readonly template: Template } | { readonly outcome: 'conflict' };

export interface TemplateStore {
  create(template: NewTemplate): Creation;
  find(id: number): Template | undefined;
  list(): readonly Template[];
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
  const findBy = (column: 'id' | 'name', value: number | string) =>
    database.prepare(`SELECT ${columns} FROM templates WHERE ${column} = ?`).get(value) as Template | undefined;

  return {
    create({ name, body }) {
      const template = database
        .prepare(`INSERT INTO templates (name, body) VALUES (?, ?) ON CONFLICT (name) DO NOTHING RETURNING ${columns}`)
        .get(name, body) as Template | undefined;
      if (template !== undefined) return { outcome: 'created', template };
      const earlier = findBy('name', name);
      return earlier?.body === body ? { outcome: 'replayed', template: earlier } : { outcome: 'conflict' };
    },
    find: (id) => findBy('id', id),
    list: () => database.prepare(`SELECT ${columns} FROM templates ORDER BY id LIMIT 1000`).all().map(asTemplate),
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
