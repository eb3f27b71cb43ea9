import { type ErrorReport, messageOf, reportError } from '@maestro/core';

import { type Finding, findPart } from './find-part.ts';
import { hasServer, type Part } from './part.ts';
import { installMissing } from './programs.ts';
import { standingUser } from './running-part.ts';
import { useServer } from './shared-server.ts';
import type { StateFolder } from './state-folder.ts';
import { leaveParts, removeLeftovers, useOwnPart, useSharedPart } from './use-part.ts';

interface CommandOptions {
  readonly parts: readonly Part[];
  readonly state: StateFolder;
  /** Told about each part as soon as its turn is over. */
  readonly onReport: (report: PartReport) => void;
  /** Told about what takes long: installing and starting. */
  readonly say: (line: string) => void;
}

/** A part as it is found after the command; with the reason when the command failed on it. */
export type PartReport = Finding & { readonly error?: ErrorReport };

export type Command = (options: CommandOptions) => Promise<readonly PartReport[]>;

/** Looks, and changes nothing. */
export const check: Command = (options) => inTurn(options, () => Promise.resolve());

/** Installs and starts parts, which run until `down`. */
export const up: Command = async (options) => {
  const { parts, state, say } = options;
  await removeLeftovers(parts, state);
  // Whatever this cannot install is tried again, and reported, with its part.
  await installMissing(parts, { state, say }).catch((error: unknown) => {
    say(messageOf(error));
  });
  return await inTurn(options, async (part) => {
    const use = { state, user: standingUser, say };
    if (part.kind === 'shared') await useSharedPart(part, use);
    else if (hasServer(part)) await useServer({ part, ...use });
    else await useOwnPart(part, use);
  });
};

/** Stops what `up` started, except where a run of tests uses it still, and what killed runs left. */
export const down: Command = async (options) => {
  const { parts, state } = options;
  return await inTurn(options, async (part) => {
    await leaveParts([part], { state, user: standingUser });
    await removeLeftovers(parts, state);
  });
};

/** One that fails does not keep the others from their turn. */
async function inTurn(
  { parts, state, onReport }: CommandOptions,
  work: (part: Part) => Promise<void>,
): Promise<readonly PartReport[]> {
  const reports: PartReport[] = [];
  for (const part of parts) {
    const error = await work(part).then(() => undefined, reportError);
    const report = { ...(await findPart(part, state)), ...(error === undefined ? {} : { error }) };
    onReport(report);
    reports.push(report);
  }
  return reports;
}
