import { basename, dirname } from 'node:path';

import { formatPath } from '../../checks/problem.ts';
import { basePrefix, defaultProxyImage, proxyName } from '../compose-names.ts';
import { readComposeDocument } from './compose-document.ts';
import type { ComposeFinding, Report } from './compose-finding.ts';
import { originOf } from './compose-origin.ts';
import { importBuild } from './import-build.ts';
import { recordOf, scalarText } from './import-context.ts';
import { importPorts } from './import-ports.ts';
import { type ImportedRoutes, routesOf } from './import-routes.ts';
import { type ImportedServices, importServices, type ImportParts, serviceContext } from './import-services.ts';
import { resolveVariables } from './interpolation.ts';
import { reportTop } from './report-top.ts';
import { withoutProblems } from './without-problems.ts';
import { writeRegistry } from './write-registry.ts';

export interface ImportComposeOptions {
  /** What the compose file holds. */
  readonly text: string;
  /** Absolute path of the compose file, which its own paths are relative to. */
  readonly path: string;
  /** Absolute path of the folder that the registry will be in; that of the compose file by default. */
  readonly folder?: string | undefined;
  /** Name of the environment that is made of it; `development` by default. */
  readonly environment?: string | undefined;
}

export interface ImportedCompose {
  /** A registry in YAML, for a `maestro.config.yaml`; `loadRegistry` has nothing against it. */
  readonly text: string;
  /** Names of the services in it. */
  readonly services: readonly string[];
  /** What had no equivalent, in the order of the compose file. */
  readonly findings: readonly ComposeFinding[];
}

type Keys = Readonly<Record<string, unknown>>;

/**
 * A compose file as a registry whose services run in containers, and what a registry has no equivalent for. No value that looks
 * like a secret is taken over. Throws `REGISTRY_UNREADABLE` where the text is no compose file.
 */
export function importCompose(options: ImportComposeOptions): ImportedCompose {
  const { text, path, folder = dirname(path) } = options;
  const document = readComposeDocument(text, path);
  const findings: ComposeFinding[] = [];
  const report: Report = (place, message, advice) => {
    findings.push({ path: formatPath(place), ...document.locate(place), message, advice });
  };
  const content = resolved(document.content, report);
  const origin = originOf(content, options);
  const folders = { compose: dirname(path), registry: folder };
  const parts = { content, folders, report, composeProject: origin.composeProject };
  reportTop(content, report);
  const imported = importServices(parts);
  const routes = routesOf({ services: imported.services, proxy: proxyOf(parts), report });
  const bases = basesOf(parts);
  const { names } = imported;
  const registry = withoutProblems({
    registry: {
      project: origin.project,
      ...(Object.keys(bases).length === 0 ? {} : { bases }),
      services: servicesOf(imported, routes),
      environments: { [origin.environment]: environmentOf(imported, routes) },
    },
    names,
    report,
  });
  findings.sort((a, b) => a.line - b.line || a.column - b.column);
  return {
    text: writeRegistry({ registry, file: basename(path), findings, names }),
    services: Object.keys(recordOf(registry.services)),
    findings,
  };
}

/** Variables of services are looked at one by one; everything else is resolved as far as it goes. */
function resolved(content: Keys, report: Report): Keys {
  const services = Object.entries(recordOf(content.services)).map(([name, service]) => {
    const { environment, ...rest } = recordOf(service);
    const others = recordOf(resolveVariables(rest, ['services', name], report));
    return [name, environment === undefined ? others : { ...others, environment }] as const;
  });
  return { ...content, services: Object.fromEntries(services) };
}

function servicesOf({ services, names }: ImportedServices, routes: ImportedRoutes): Keys {
  const entries = [...services].map(([name, { keys }]) => {
    const route = routes.of.get(name);
    return [names.get(name) ?? name, route === undefined ? keys : { ...keys, route }] as const;
  });
  return Object.fromEntries(entries);
}

function environmentOf({ services }: ImportedServices, { proxy }: ImportedRoutes): Keys {
  const hasSecrets = [...services.values()].some((service) => service.hasSecrets);
  return { runtime: 'docker', proxy, ...(hasSecrets ? { secrets: { source: 'dotenv', file: '.env' } } : {}) };
}

/** Where a rendered file's own proxy listens, and what it is an image of. */
function proxyOf(parts: ImportParts): Keys | null {
  const context = serviceContext(parts, proxyName);
  const { published } = importPorts(context);
  if (published === null) return null;
  const image = scalarText(context.service.image);
  return {
    ...(published.host === null ? {} : { host: published.host }),
    port: published.port ?? 0,
    ...(image === null || image === defaultProxyImage ? {} : { image }),
  };
}

function basesOf(parts: ImportParts): Keys {
  const names = Object.keys(recordOf(parts.content.services)).filter((name) => name.startsWith(basePrefix));
  const bases = names.flatMap((name) => {
    const built = importBuild(serviceContext(parts, name));
    return built === null ? [] : [[name.slice(basePrefix.length), { ...built.image, context: built.context }] as const];
  });
  return Object.fromEntries(bases);
}
