import { mkdtemp } from 'node:fs/promises';

import { onTestFinished } from 'vitest';

import type { Part } from '../src/part.ts';
import { removeFolder } from '../src/remove-folder.ts';
import { standingUser } from '../src/running-part.ts';
import { type StateFolder, stateFolder } from '../src/state-folder.ts';
import { leaveParts } from '../src/use-part.ts';

/** A state folder of the test's own, apart from the one that its own run is kept in; what runs in it ends with the test. */
export async function ownState(parts: readonly Part[]): Promise<StateFolder> {
  const state = stateFolder(await mkdtemp('/tmp/mp-'));
  onTestFinished(async () => {
    await leaveParts(parts, { state, user: standingUser });
    await removeFolder(state.path);
  }, 60_000);
  return state;
}

/** Nothing is worth saying in tests. */
export function silent(): void {
  return undefined;
}
