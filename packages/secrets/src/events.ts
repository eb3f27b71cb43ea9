/** The progress of preparing secrets; JSON-safe, with names only. */
export type SecretsEvent =
  | { readonly type: 'secrets-fetching'; readonly store: string; readonly names: readonly string[] }
  | {
      readonly type: 'secrets-prepared';
      readonly store: string;
      readonly names: readonly string[];
      readonly services: readonly string[];
      readonly durationMs: number;
    };
