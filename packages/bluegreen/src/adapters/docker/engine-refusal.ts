/** An engine's answer that is not what was asked for; translated before it leaves the adapter. */
export class EngineRefusal extends Error {
  readonly status: number;

  constructor({ status, said, cause }: { readonly status: number; readonly said: string; readonly cause?: unknown }) {
    super(said, { cause });
    this.name = 'EngineRefusal';
    this.status = status;
  }
}
