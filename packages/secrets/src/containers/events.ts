/** The progress of bringing secrets into containers; JSON-safe, with names only. */
export type ContainerSecretsEvent =
  | {
      readonly type: 'secrets-injected';
      readonly service: string;
      readonly slot: string | null;
      readonly volume: string;
      readonly names: readonly string[];
      /** False where the volume held the very same already. */
      readonly changed: boolean;
      /** Whether the host may write the volume's memory to its swap space: its kernel is older than 6.4. */
      readonly swappable: boolean;
      readonly durationMs: number;
    }
  | {
      readonly type: 'secrets-removed';
      readonly service: string;
      readonly slot: string | null;
      readonly volume: string;
    }
  | {
      readonly type: 'secrets-in-plain-environment';
      readonly service: string;
      readonly names: readonly string[];
    };
