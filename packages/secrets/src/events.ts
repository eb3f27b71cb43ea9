/** The progress of preparing and uploading secrets; JSON-safe, with names only. */
export type SecretsEvent =
  | { readonly type: 'secrets-fetching'; readonly store: string; readonly names: readonly string[] }
  | {
      readonly type: 'secrets-prepared';
      readonly store: string;
      readonly names: readonly string[];
      readonly services: readonly string[];
      readonly durationMs: number;
    }
  | {
      readonly type: 'secret-uploaded';
      readonly store: string;
      readonly name: string;
      readonly change: 'created' | 'changed' | 'restored';
    };
