import { readdir, readFile, readlink } from 'node:fs/promises';

/** The processes of engines that have the same bridges and packet rules; a rootless one has its own. */
export async function enginesHere(): Promise<readonly number[]> {
  const namespace = await readlink('/proc/self/ns/net');
  const pids = (await readdir('/proc')).map(Number).filter(Number.isInteger);
  const here = await Promise.all(
    pids.map(async (pid) => {
      const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
      return name === 'dockerd\n' && (await readlink(`/proc/${pid}/ns/net`).catch(() => '')) === namespace;
    }),
  );
  return pids.filter((_, index) => here[index]);
}
