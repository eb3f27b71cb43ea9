import { variablePattern } from '../../schema-parts.ts';
import { addressVariable, secretsFolder } from '../told-variables.ts';
import { pairsOf, recordOf, type ServiceContext, textsOf } from './import-context.ts';
import { interpolate, soleVariable } from './interpolation.ts';

/** What a service of a compose file is told. */
export interface ImportedVariables {
  readonly environment: Readonly<Record<string, string>>;
  /** Names of what has its value elsewhere, or should have. */
  readonly secrets: readonly string[];
  /** Of them those that are files already. */
  readonly secretsAs: 'files' | 'variables';
  /** Of the variable PORT. */
  readonly port: number | null;
}

/** Maestro tells each instance these by itself. */
const told = /^(?:MAESTRO_(?:RELEASE|REVISION|SERVICE|SLOT)|HOST)$/;
const secretName =
  /PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIAL|(?:^|_)PWD$|(?:API|ACCESS|PRIVATE|SIGNING|ENCRYPTION|LICEN[CS]E)_KEY/;
/** Of what is named like a secret and is none, such as TOKEN_TTL. */
const harmless = /^(?:\d{1,6}|true|false|)$/i;
const login = /^[a-z][a-z+.-]*:\/\/[^/@\s]*:[^/@\s]+@/i;

export function importEnvironment(context: ServiceContext): ImportedVariables {
  const moved = importSecretFiles(context);
  const files = [...moved.values()];
  const addresses = new Map([...context.names].map(([written, name]) => [addressVariable(name), written]));
  const environment: Record<string, string> = {};
  const secrets: string[] = [];
  let port: number | null = null;
  for (const [name, written, key] of pairsOf(context.service.environment)) {
    const place = ['environment', key];
    if (isToldAnyway(name, written, { files, addresses })) continue;
    if (name === 'PORT' && isPort(written)) {
      port = Number(written);
    } else if (!variablePattern.test(name)) {
      context.report(
        place,
        `${name}, which is no name of a variable here`,
        'variables are named in capital letters, digits and underscores; rename it',
      );
    } else if (written === null || isSecret(name, written, { context, place })) {
      secrets.push(name);
    } else {
      const file = moved.get(written);
      environment[name] =
        file === undefined ? plainValue(name, written, { context, place }) : `${secretsFolder}/${file}`;
    }
  }
  reportFiles(context);
  const names = [...new Set([...files, ...secrets])];
  return {
    environment,
    secrets: names,
    secretsAs: files.length > 0 && secrets.length === 0 ? 'files' : 'variables',
    port,
  };
}

interface Place {
  readonly context: ServiceContext;
  readonly place: readonly (string | number)[];
}

interface Told {
  /** Secrets that are files. */
  readonly files: readonly string[];
  /** Services as the file names them, by the variables with their addresses. */
  readonly addresses: ReadonlyMap<string, string>;
}

function isToldAnyway(name: string, value: string | null, { files, addresses }: Told): boolean {
  if (name === 'HOST' && value !== '0.0.0.0') return false;
  if (told.test(name)) return true;
  if (files.some((file) => name === `${file}_FILE`) && value?.startsWith('/') === true) return true;
  const other = addresses.get(name);
  return other !== undefined && new RegExp(`^http://${escaped(other)}(?::\\d+)?/?$`).test(value ?? '');
}

/** What has its value from the shell, and what has one that should not stand in a file which others read. */
function isSecret(name: string, written: string, { context, place }: Place): boolean {
  const sole = soleVariable(written);
  if (sole === name) return true;
  const { text, open } = interpolate(written);
  if (open.length > 0) {
    context.report(
      place,
      `${name}, made of ${open.join(', ')} from the shell`,
      `it is a secret now: put all of it into the secrets' file`,
    );
    return true;
  }
  if (!login.test(text) && (!secretName.test(name) || harmless.test(text) || /^\/|_FILE$/.test(`${text} ${name}`)))
    return false;
  context.report(
    place,
    `${name}, a secret whose value stands in the file`,
    `put it into the secrets' file, take it out of this one, and give it another value`,
  );
  return true;
}

function plainValue(name: string, written: string, { context, place }: Place): string {
  const { text, defaulted } = interpolate(written);
  if (defaulted.length > 0) {
    const advice = 'where it differs between environments, say so under environments.<name>.services';
    context.report(place, `${name}, with ${defaulted.join(', ')} from the shell; the default is taken`, advice);
  }
  const others = Object.keys(recordOf(context.content.services)).filter((service) => service !== context.name);
  const other = others.find((service) => mentions(name, text, service));
  if (other !== undefined) {
    const known = context.names.get(other);
    const advice =
      known === undefined
        ? 'write the address that it has beside Maestro'
        : `read ${addressVariable(known)}, which says where it is reached also while it is replaced`;
    context.report(place, `${name}, with the address of ${other}, which is no name in the network here`, advice);
  }
  return text;
}

/** A name alone is an address only where the variable says that it is one. */
function mentions(name: string, text: string, service: string): boolean {
  if (text === service) return /HOST|ADDR|SERVER|ENDPOINT|UPSTREAM|BROKER/.test(name);
  return new RegExp(`(?:^${escaped(service)}:\\d+|(?://|@)${escaped(service)}(?::\\d+)?)(?:/|$)`).test(text);
}

/** Those of compose are files of any name: what they are called here, by where they have been. */
function importSecretFiles(context: ServiceContext): ReadonlyMap<string, string> {
  const { service, report } = context;
  const items: readonly unknown[] = Array.isArray(service.secrets) ? service.secrets : [];
  const files = items.flatMap((item, index) => {
    const { source, target } = typeof item === 'string' ? { source: item, target: item } : recordOf(item);
    const [written = ''] = textsOf(source);
    const [inContainer = written] = textsOf(target);
    const name = written
      .toUpperCase()
      .replaceAll(/[^A-Z0-9_]/g, '_')
      .replace(/^(?=\d)/, '_');
    if (name === '') return [];
    const file = inContainer.startsWith('/') ? inContainer : `${secretsFolder}/${inContainer}`;
    if (inContainer !== name) {
      report(['secrets', index], `a secret as ${file}`, `read ${secretsFolder}/${name}, which ${name}_FILE names`);
    }
    return [[file, name] as const];
  });
  return new Map(files);
}

function reportFiles({ service, report }: ServiceContext): void {
  const files: readonly unknown[] = Array.isArray(service.env_file)
    ? service.env_file
    : [service.env_file ?? []].flat();
  for (const [index, file] of files.entries()) {
    const path = typeof file === 'string' ? file : textsOf(recordOf(file).path)[0];
    const place = Array.isArray(service.env_file) ? ['env_file', index] : ['env_file'];
    const advice = "name what is secret in it among the service's secrets, and write the rest under environment";
    report(place, `variables of ${path ?? 'a file'}, which is not read`, advice);
  }
}

function isPort(text: string | null): boolean {
  return /^\d+$/.test(text ?? '') && Number(text) >= 1 && Number(text) <= 65_535;
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?()[\]{}|^$\\]/g, String.raw`\$&`);
}
