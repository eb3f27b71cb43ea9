import { namePattern } from '../../schema-parts.ts';
import { basePrefix, proxyName } from '../compose-names.ts';
import { asName } from './compose-origin.ts';
import type { Report } from './compose-finding.ts';
import { type ImportedBuild, importBuild } from './import-build.ts';
import { type Folders, recordOf, reportBelow, scalarText, type ServiceContext, textsOf } from './import-context.ts';
import { type ImportedService, importService } from './import-service.ts';

/** What reading every part of a file goes by. */
export interface ImportParts extends Pick<ServiceContext, 'composeProject' | 'content'> {
  readonly folders: Folders;
  readonly report: Report;
}

export interface ImportedServices {
  /** By their names in the file. */
  readonly services: ReadonlyMap<string, ImportedService>;
  /** Their names in the registry, by those in the file. */
  readonly names: ReadonlyMap<string, string>;
}

/** The services that a registry can have: those that are built, here. */
export function importServices(parts: ImportParts): ImportedServices {
  const names = new Map<string, string>();
  const builds = new Map<string, ImportedBuild>();
  for (const name of Object.keys(recordOf(parts.content.services))) {
    if (name === proxyName || name.startsWith(basePrefix)) continue;
    const context = serviceContext(parts, name);
    const build = buildOf(context);
    const renamed = build === null ? null : nameOf(context, [...names.values()]);
    if (renamed === null || build === null) continue;
    names.set(name, renamed);
    builds.set(name, build);
  }
  const jobs = awaitedToTheirEnd(parts);
  const services = [...builds].map(([name, build]) => {
    const context = serviceContext(parts, name, names);
    return [name, importService(context, { build, isJob: jobs.has(name) })] as const;
  });
  return { services: new Map(services), names };
}

export function serviceContext(
  { report, ...parts }: ImportParts,
  name: string,
  names: ReadonlyMap<string, string> = new Map(),
): ServiceContext {
  const service = recordOf(recordOf(parts.content.services)[name]);
  return { ...parts, name, service, names, report: reportBelow(report, ['services', name]) };
}

function buildOf(context: ServiceContext): ImportedBuild | null {
  const { service, report } = context;
  if (service.build !== undefined) return importBuild(context);
  const image = scalarText(service.image) ?? 'an image';
  report([], `${image}, which is not built here`, adviceFor(image));
  return null;
}

/** Null where it would be another one's. */
function nameOf({ name, report }: ServiceContext, taken: readonly string[]): string | null {
  if (namePattern.test(name) && !taken.includes(name)) return name;
  const renamed = asName(name);
  if (renamed === '' || taken.includes(renamed)) {
    report([], 'a name that no service can have', 'rename it: lower-case letters, digits and dashes; it is left out');
    return null;
  }
  report([], 'a name that no service can have', `it is ${renamed} now`);
  return renamed;
}

function adviceFor(image: string): string {
  const [, database] = /(?:^|\/)(postgres|postgis|mysql|mariadb)\w*(?::|@|$)/.exec(image) ?? [];
  if (database !== undefined) {
    return 'have it run beside Maestro, and name it in `database` of the service whose migrations it gets';
  }
  return `have it run beside Maestro; or, where it answers HTTP, build it: a Dockerfile with FROM ${image}`;
}

/** Services of which another one waits for the end. */
function awaitedToTheirEnd({ content }: ImportParts): ReadonlySet<string> {
  const dependencies = Object.values(recordOf(content.services)).flatMap((service) =>
    Object.entries(recordOf(recordOf(service).depends_on)),
  );
  return new Set(
    dependencies.flatMap(([name, how]) =>
      textsOf(recordOf(how).condition).includes('service_completed_successfully') ? [name] : [],
    ),
  );
}
