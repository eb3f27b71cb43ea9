import { isRecord } from '../../plan/merge.ts';
import { basePrefix, strategyLabel } from '../compose-names.ts';
import { durationMs } from './amounts.ts';
import { type ImportedBuild, importImageUse } from './import-build.ts';
import { importContainer } from './import-container.ts';
import { pairsOf, type ServiceContext, textsOf } from './import-context.ts';
import { importEnvironment } from './import-environment.ts';
import { importHealth } from './import-health.ts';
import { importPorts, type ImportedPorts } from './import-ports.ts';
import { shellWords } from './shell-words.ts';
import { reportUnknownKeys } from './unknown-keys.ts';

/** A service in the words of a registry. */
export interface ImportedService extends Pick<ImportedPorts, 'published' | 'route'> {
  readonly keys: Readonly<Record<string, unknown>>;
  readonly hasSecrets: boolean;
}

const defaultPort = 8080;
const noHealth = { health: {}, port: null };

export interface ServiceFacts {
  readonly build: ImportedBuild;
  /** Whether others wait for its end. */
  readonly isJob: boolean;
}

/** A service that is built, in the words of a registry. */
export function importService(context: ServiceContext, { build, isJob }: ServiceFacts): ImportedService {
  const { service, report } = context;
  const variables = importEnvironment(context);
  const ports = importPorts(context);
  const known = variables.port ?? ports.port;
  const strategy = strategyOf(context) ?? (isJob ? 'job' : null);
  const { health, port: asked } = strategy === 'job' ? noHealth : importHealth(context, known);
  const port = known ?? asked;
  if (variables.port !== null && ports.port !== null && ports.port !== variables.port) {
    report(['ports'], `port ${ports.port} beside PORT ${variables.port}`, 'a service listens where PORT says');
  }
  const isWorker = strategy === null && port === null && ports.route === null;
  const stopTimeoutMs = durationMs(service.stop_grace_period);
  const command = importCommand(context);
  const dependsOn = importDependencies(context);
  const container = { ...(port === null || port === defaultPort ? {} : { port }), ...importContainer(context) };
  reportUnknownKeys(context);
  if (textsOf(service.profiles).length > 0) {
    report(
      ['profiles'],
      'a service that is started on demand',
      'take it out of the registry where it is not to be deployed',
    );
  }
  return {
    published: ports.published,
    route: ports.route,
    hasSecrets: variables.secrets.length > 0,
    keys: {
      context: build.context,
      image: { ...build.image, ...importImageUse(context) },
      ...(command === null ? {} : { command }),
      ...(isWorker ? { strategy: 'worker' } : strategy === null ? {} : { strategy }),
      ...(strategy === 'job' ? {} : { health }),
      ...(dependsOn.length === 0 ? {} : { dependsOn }),
      ...(Object.keys(variables.environment).length === 0 ? {} : { environment: variables.environment }),
      ...(variables.secrets.length === 0 ? {} : { secrets: variables.secrets }),
      ...(Object.keys(container).length === 0 && variables.secretsAs === 'variables'
        ? {}
        : { container: { ...container, ...(variables.secretsAs === 'files' ? { secretsAs: 'files' } : {}) } }),
      ...(stopTimeoutMs === null ? {} : { stopTimeoutMs }),
    },
  };
}

/** What a label says, which compose has no word for. */
function strategyOf({ service }: ServiceContext): string | null {
  return pairsOf(service.labels).find(([name]) => name === strategyLabel)?.[1] ?? null;
}

/** A command of a registry takes the place of the image's entry point, too. */
function importCommand({ service, report }: ServiceContext): readonly string[] | null {
  const words = (value: unknown) => (typeof value === 'string' ? shellWords(value) : textsOf(value));
  const entrypoint = words(service.entrypoint);
  const command = words(service.command);
  if (entrypoint.length === 0 && command.length > 0) {
    const advice = "put the image's ENTRYPOINT before it, where the image has one";
    report(['command'], "a command after the image's entry point; here it takes the place of both", advice);
  }
  const all = [...entrypoint, ...command];
  return all.length === 0 || all[0] === '' ? null : all;
}

function importDependencies({ service, names, report }: ServiceContext): readonly string[] {
  const entries = isRecord(service.depends_on)
    ? Object.keys(service.depends_on).map((name) => ({ name, place: ['depends_on', name] }))
    : textsOf(service.depends_on).map((name, index) => ({ name, place: ['depends_on', index] }));
  const links = textsOf(service.links).map((link, index) => ({
    name: link.split(':')[0] ?? '',
    place: ['links', index],
  }));
  const wanted = [...entries, ...links].flatMap(({ name, place }) => {
    const known = names.get(name);
    if (known !== undefined) return [known];
    if (name.startsWith(basePrefix)) return [];
    report(
      place,
      `depends on ${name}, which is not in the registry`,
      'have it run before, and let the service wait for it',
    );
    return [];
  });
  return [...new Set(wanted)];
}
