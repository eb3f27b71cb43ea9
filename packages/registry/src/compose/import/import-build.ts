import {
  joinPaths,
  pairsOf,
  pathInRegistry,
  recordOf,
  scalarText,
  type ServiceContext,
  textsOf,
} from './import-context.ts';
import { isRecord } from '../../plan/merge.ts';

type Keys = Readonly<Record<string, unknown>>;

export interface ImportedBuild {
  readonly context: string;
  readonly image: Keys;
}

const readKeys = new Set(['args', 'context', 'dockerfile', 'platforms', 'target']);

const advices: Readonly<Record<string, string>> = {
  additional_contexts: 'name what is shared in `bases`, or choose a context that holds both',
  cache_from: 'name it in `environments.<name>.images.buildx.cacheFrom`',
  cache_to: 'name it in `environments.<name>.images.buildx.cacheTo`',
  labels: 'put them into the Dockerfile: LABEL',
  secrets: 'name them in `environments.<name>.images.buildx.secrets`',
};

/** How the image of a service, or a base image, is built; null where this registry cannot build it. */
export function importBuild(context: ServiceContext): ImportedBuild | null {
  const { service, folders, report } = context;
  const build = isRecord(service.build) ? service.build : { context: service.build };
  const folder = scalarText(build.context) ?? '.';
  if (/^(?:https?:|git@|git:|ssh:)|\.git(?:#|$)/.test(folder)) {
    report(
      ['build'],
      'a context that is fetched',
      'check it out, as a submodule or beside the project; the service is left out',
    );
    return null;
  }
  const dockerfile = scalarText(build.dockerfile) ?? 'Dockerfile';
  const place = pathInRegistry(folder, folders);
  const file = pathInRegistry(joinPaths(folder, dockerfile), folders);
  if (place === null) {
    report(
      ['build'],
      'a context outside of the folder of the registry',
      'write the registry further up, with --out; the service is left out',
    );
    return null;
  }
  for (const key of Object.keys(build)) {
    if (!readKeys.has(key) && !key.startsWith('x-'))
      report(['build', key], `build.${key}`, advices[key] ?? 'leave it out');
  }
  return {
    context: place,
    image: {
      dockerfile: file ?? joinPaths(folder, dockerfile),
      ...(scalarText(build.target) === null ? {} : { target: scalarText(build.target) }),
      ...argumentsOf(build, context),
    },
  };
}

/** Whom it runs as and what for, which belong to the image in a registry. */
export function importImageUse({ service, report }: ServiceContext): Keys {
  const user = scalarText(service.user);
  const numbers = /^\d+:\d+$/.test(user ?? '');
  if (user !== null && !numbers) {
    report(['user'], 'a user without the numbers of user and group', "say both: `image: { user: '1000:1000' }`");
  }
  const platforms = [...textsOf(service.platform), ...textsOf(recordOf(service.build).platforms)];
  return { ...(numbers ? { user } : {}), ...(platforms.length === 0 ? {} : { platforms: [...new Set(platforms)] }) };
}

function argumentsOf(build: Keys, { report }: ServiceContext): Keys {
  const pairs = pairsOf(build.args).flatMap(([name, value, key]) => {
    if (value !== null) return [[name, value] as const];
    report(['build', 'args', key], `${name}, which has its value from the shell`, 'write the value into the registry');
    return [];
  });
  return pairs.length === 0 ? {} : { args: Object.fromEntries(pairs) };
}
