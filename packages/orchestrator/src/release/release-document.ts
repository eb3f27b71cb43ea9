import type { Instance } from '@maestro/bluegreen';

import type { ReleasePlan } from '../plan/plan-release.ts';
import type { ReleaseDefinition } from './release-definition.ts';

/** A release as gates and hooks are told of it: commands as JSON on their standard input. */
export interface ReleaseDocument {
  readonly release: string;
  readonly kind: 'deploy' | 'rollback';
  readonly project: string;
  readonly environment: string;
  /** When it began, ISO 8601. */
  readonly at: string;
  /** `user@machine` */
  readonly by: string;
  /** The release that was live when it began. */
  readonly previous: string | null;
  readonly planHash: string;
  /** The step that this is said in, such as `hook:before-switch:1`. */
  readonly step: string;
  readonly services: readonly DocumentedService[];
}

export interface DocumentedService {
  readonly name: string;
  /** `<repository>:<tag>` */
  readonly image: string;
  readonly digest: string;
  /** The commit. */
  readonly revision: string;
  readonly change: 'start' | 'keep' | 'run';
  /** Of the instance of this release; null for a job. */
  readonly slot: 'blue' | 'green' | null;
  /** Where that instance answers by itself, such as `http://127.0.0.1:21004`; null while it does not run. */
  readonly url: string | null;
}

/** What a release is told of by. */
export type ReleaseFacts = Pick<
  ReleaseDefinition,
  'at' | 'by' | 'environment' | 'id' | 'jobs' | 'kind' | 'planHash' | 'previous' | 'services'
> & { readonly project: string; readonly plan: ReleasePlan };

export function releaseDocument(facts: ReleaseFacts, step: string, instances: readonly Instance[]): ReleaseDocument {
  const { id, kind, project, environment, at, by, previous, planHash, services, jobs, plan } = facts;
  return {
    release: id,
    kind,
    project,
    environment,
    at,
    by,
    previous,
    planHash,
    step,
    services: services.map(({ name, image, digest, revision }): DocumentedService => {
      const move = plan.moves.find(({ service }) => service === name);
      const slot = move?.slot ?? null;
      const instance = instances.find((one) => one.service === name && one.slot === slot && one.state === 'running');
      const change = jobs.includes(name) ? 'run' : move === undefined || move.kind === 'keep' ? 'keep' : 'start';
      return { name, image, digest, revision, change, slot, url: urlOf(instance) };
    }),
  };
}

function urlOf(instance: Instance | undefined): string | null {
  const address = instance?.addresses[0];
  return address === undefined ? null : `http://${address.host}:${address.port}`;
}
