/** Whose history says which migrations are applied. */
export type AdoptionSource =
  | {
      readonly from: 'alembic' | 'flyway';
      /**
       * Its table, `alembic_version` and `flyway_schema_history` by default; with the schema in front of a dot where
       * migrations would not find it.
       */
      readonly table?: string | undefined;
      /** The name of the last migration that is applied, where the files do not say which revisions they stand for. */
      readonly upTo?: string | undefined;
    }
  | { readonly from: 'prisma'; readonly upTo?: string | undefined }
  | {
      /** A schema that no tool has a history of. */
      readonly from: 'plain';
      readonly upTo: string;
    };

/** What another tool's history says. */
export interface ForeignHistory {
  /** Undefined when there is no such table. */
  readonly revisions: readonly ForeignRevision[] | undefined;
  /** Versions up to this one are applied, whether they are listed or not. */
  readonly baseline: string | undefined;
  /** What keeps it from being adopted as it is. */
  readonly problems: readonly string[];
}

/** Something that the other tool has applied. */
export interface ForeignRevision {
  /** As `adopts` names it. */
  readonly id: string;
  /** As that tool shows it. */
  readonly label: string;
  /** The name of the migration it is, but for its number, when nothing else is said. */
  readonly title: string | undefined;
}
