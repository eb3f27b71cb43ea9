import { dirname } from 'node:path';

import type { PartName, SuiteParts } from '@maestro/services';

/** What the blocks of a walkthrough are told of a part. */
interface PartVariables {
  readonly variables: Readonly<Record<string, string>>;
  /** Folders of programs. */
  readonly path: readonly string[];
}

type Suites = Partial<SuiteParts<PartName>>;

/** The variables by which blocks reach the parts of their walkthrough, named as a reader's own shell has them. */
export function partVariables(suites: Suites): PartVariables {
  return {
    variables: {
      ...(suites.mariadb && database('MARIADB_URL', suites.mariadb.url)),
      ...(suites.postgresql && database('POSTGRESQL_URL', suites.postgresql.url)),
      ...(suites.docker && { DOCKER_HOST: suites.docker.address }),
      ...(suites['image-repository'] && imageRepository(suites['image-repository'])),
      ...(suites.aws && aws(suites.aws)),
      ...(suites.sshd && sshd(suites.sshd)),
    },
    path: [suites.nginx, suites.haproxy, suites.skopeo, suites.wrk, suites['docker-compose']].flatMap((suite) =>
      suite !== undefined && 'program' in suite ? [dirname(suite.program)] : [],
    ),
  };
}

function database(name: string, url: string) {
  return { [name]: url, DATABASE_URL: url };
}

function imageRepository({ host, prefix }: SuiteParts<'image-repository'>['image-repository']) {
  return { IMAGE_REPOSITORY: `${host}/${prefix.replace(/\/$/, '')}` };
}

function aws({ endpoint, region, credentials }: SuiteParts<'aws'>['aws']) {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
  };
}

function sshd({ host, port, user, identityFile, knownHostsFile }: SuiteParts<'sshd'>['sshd']) {
  return {
    SSH_HOST: host,
    SSH_PORT: String(port),
    SSH_USER: user,
    SSH_IDENTITY_FILE: identityFile,
    SSH_KNOWN_HOSTS_FILE: knownHostsFile,
  };
}
