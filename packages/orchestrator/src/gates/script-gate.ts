import type { ReleaseDocument } from '../release/release-document.ts';

/** What a function of a deploy script is called with. */
export interface ScriptContext {
  /** What is known of the release at that moment; JSON-safe, without secrets. */
  readonly release: ReleaseDocument;
  /** Aborts at the deadline, and when the release is given up. */
  readonly signal: AbortSignal;
  /** A line of progress. */
  readonly say: (message: string) => void;
}

/** A condition of a deploy script's own: the release is refused where `check` rejects. */
export interface ScriptGate {
  /** Unique among the gates of the script. */
  readonly name: string;
  /** `images`: before anything is touched, the default; `probe`: once new instances are healthy, before they get traffic. */
  readonly after?: 'images' | 'probe' | undefined;
  /** 600,000 by default. */
  readonly timeoutMs?: number | undefined;
  readonly check: (context: ScriptContext) => Promise<void> | void;
}
