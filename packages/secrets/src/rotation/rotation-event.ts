/** The progress of a rotation; JSON-safe, with names and versions only. */
export type RotationEvent =
  | {
      readonly type: 'rotation-created' | 'rotation-resumed';
      readonly name: string;
      readonly from: string;
      readonly to: string;
    }
  /** The new version is valid where it is used. */
  | { readonly type: 'rotation-set'; readonly name: string; readonly to: string }
  /** It was logged in with. */
  | { readonly type: 'rotation-tested'; readonly name: string; readonly to: string }
  /** Readers get it. */
  | { readonly type: 'rotation-finished'; readonly name: string; readonly from: string; readonly to: string };
