import { MaestroError } from '@maestro/core';

import type { Part } from './part.ts';
import { aws } from './parts/aws.ts';
import { docker } from './parts/docker.ts';
import { dockerCompose } from './parts/docker-compose.ts';
import { haproxy } from './parts/haproxy.ts';
import { imageRepository } from './parts/image-repository.ts';
import { mariadb } from './parts/mariadb.ts';
import { nginx } from './parts/nginx.ts';
import { pgbouncer } from './parts/pgbouncer.ts';
import { postgresql } from './parts/postgresql.ts';
import { prometheus } from './parts/prometheus.ts';
import { securedImageRepository } from './parts/secured-image-repository.ts';
import { skopeo } from './parts/skopeo.ts';
import { sshd } from './parts/sshd.ts';
import { strace } from './parts/strace.ts';
import { wrk } from './parts/wrk.ts';

/** Every part by the name under which suites and the command line ask for it. */
export const parts = {
  docker,
  'image-repository': imageRepository,
  'secured-image-repository': securedImageRepository,
  nginx,
  haproxy,
  postgresql,
  pgbouncer,
  mariadb,
  aws,
  sshd,
  prometheus,
  skopeo,
  strace,
  wrk,
  'docker-compose': dockerCompose,
} as const satisfies Readonly<Record<string, Part>>;

type Parts = typeof parts;
export type PartName = keyof Parts;

/** What a suite gets of a part: its address or program, and data of its own. */
export type SuiteOf<Name extends PartName> = Awaited<ReturnType<Parts[Name]['openSuite']>>;

export const partNames = Object.keys(parts) as readonly PartName[];

export function partNamed(name: string): Part {
  const part = Object.entries(parts).find(([known]) => known === name)?.[1];
  if (part !== undefined) return part;
  throw new MaestroError('PART_UNKNOWN', `there is no part "${name}"; there are: ${partNames.join(', ')}`, {
    hint: 'npm run services -- check',
  });
}
