import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

import { MaestroError } from '@maestro/core';

/** Where programs are found: an ordinary user's PATH lacks the folders of those that are for root. */
export const searchPath = [process.env.PATH ?? '', '/usr/sbin', '/sbin'].join(delimiter);

interface Machine {
  /** As Node names them, such as `linux-x64`. */
  readonly platform: string;
  readonly isRoot: boolean;
  readonly hasDebootstrap: boolean;
  readonly hasApt: boolean;
}

export function thisMachine(): Machine {
  return {
    platform: `${process.platform}-${process.arch}`,
    isRoot: process.getuid?.() === 0,
    hasDebootstrap: isProgram('debootstrap'),
    hasApt: isProgram('apt-get'),
  };
}

/** Throws BASE_IMAGE_UNSUPPORTED where a base image cannot be made, with what to do about it. */
export function requireMeans({ platform, isRoot, hasDebootstrap, hasApt }: Machine): void {
  const fromHub = 'let this machine and its Docker Engine reach https://registry-1.docker.io, then the image is pulled';
  if (platform !== 'linux-x64') throw unsupported(`on Linux x64, and this is ${platform}`, fromHub);
  if (!hasDebootstrap) {
    const install = 'apt-get install -y debootstrap';
    throw unsupported('with debootstrap, which is not installed', hasApt ? `${install}; or ${fromHub}` : fromHub);
  }
  if (!isRoot) throw unsupported('by root', `run it as root once; or ${fromHub}`);
}

function unsupported(condition: string, hint: string) {
  return new MaestroError(
    'BASE_IMAGE_UNSUPPORTED',
    `the hub cannot be reached from here, and a base image can be made of Debian's packages only ${condition}`,
    { hint },
  );
}

function isProgram(name: string): boolean {
  return searchPath.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return folder !== '';
    } catch {
      return false;
    }
  });
}
