import { openSuite, type SuiteParts } from './open-suite.ts';
import { type PartName, parts } from './parts.ts';
import { closeRun, openRun } from './runs.ts';
import { stateFolder } from './state-folder.ts';
import { leaveParts, removeLeftovers } from './use-part.ts';

export interface UsePartsOptions<Name extends PartName> {
  readonly needs: readonly Name[];
  /** Told about what takes long: installing and starting. */
  readonly say: (line: string) => void;
}

/** Parts in use by a program of its own, such as a benchmark. */
export interface UsedParts<Name extends PartName> extends AsyncDisposable {
  readonly parts: SuiteParts<Name>;
}

/**
 * Takes parts into use until they are disposed of: found, else installed where that may be done, and started; with data
 * of its own on each. Throws `PART_MISSING`, `PART_INSTALL_FAILED`, `PART_START_FAILED`, `PART_UNREACHABLE`.
 */
export async function useParts<Name extends PartName>({ needs, say }: UsePartsOptions<Name>): Promise<UsedParts<Name>> {
  const state = stateFolder();
  const everyPart = Object.values(parts);
  const run = await openRun(state);
  await using opening = new AsyncDisposableStack();
  opening.defer(() => closeRun(run));
  opening.defer(() => leaveParts(everyPart, { state, user: run.id }));
  await removeLeftovers(everyPart, state);
  const suite = opening.use(await openSuite({ needs, run, state, say }));
  const stack = opening.move();
  return { parts: suite.parts, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}
