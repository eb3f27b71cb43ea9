import { parts } from './parts.ts';
import { installMissing } from './programs.ts';
import { stateFolder } from './state-folder.ts';

/**
 * Installs what is missing of every part, where that may be done unasked: as root on Debian. Suites would do so too, one
 * part after the other. Throws `PART_INSTALL_FAILED`.
 */
export async function installParts({ say }: { readonly say: (line: string) => void }): Promise<void> {
  await installMissing(Object.values(parts), { state: stateFolder(), say });
}
