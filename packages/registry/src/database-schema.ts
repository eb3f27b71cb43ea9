import { z } from 'zod';

import { isRecord } from './plan/merge.ts';
import { rotationSchema } from './rotation-schema.ts';
import { fileInside, filePath, folderInside, object, serverPort, text, variableName, wanted } from './schema-parts.ts';

const migrations = folderInside('the context of the service').default('migrations');

/** File that the schema is written to after each `maestro migrate run`, for review in git; relative to `context`. */
const dump = fileInside('the context of the service').optional();

const sqliteSchema = object({
  adapter: z.literal('sqlite'),
  /** Relative to the environment's data folder. */
  file: fileInside('the data folder of the environment'),
  /** Folder of the migrations, relative to `context`. */
  migrations,
  dump,
  /** Environment variable that tells the service the file of its database. */
  variable: variableName.default('DATABASE_PATH'),
});

const tlsWanted = 'true, false or an object with ca';

/** How a server is reached: by a URL that is a secret as a whole, or by its parts, of which the password is one. */
const addressKeys = {
  /**
   * Name of the secret with the URL. The service gets it only where it stands among the service's `secrets`, too:
   * migrations may have a user of their own.
   */
  urlSecret: variableName.optional(),
  /** The server, where no `urlSecret` names it. */
  host: text(/^[^\s/@:]+$/, 'a host name or address').optional(),
  /** 5432 for PostgreSQL, 3306 for MySQL and MariaDB by default. */
  port: serverPort.optional(),
  /** Its name on the server. */
  database: text(/^[^\s/?#]+$/, 'the name of a database').optional(),
  /** Who logs in. */
  user: text(/^[^\s@:]+$/, 'the name of a user').optional(),
  /** Name of the secret with the password. */
  passwordSecret: variableName.optional(),
  /** Whether the server must prove who it is: by the system's authorities, or by the certificate in a file. */
  tls: z
    .union(
      [
        z.boolean(),
        // In PEM, relative to the registry file.
        object({ ca: filePath('the path of a certificate') }),
      ],
      wanted(tlsWanted),
    )
    .optional(),
  /** Folder of the migrations, relative to `context`. */
  migrations,
  dump,
  /** Environment variable that tells the service the URL, without the password; with `host` only. */
  variable: variableName.optional(),
  /** For `maestro secrets rotate`. */
  rotation: rotationSchema.optional(),
};

const postgresqlSchema = object({
  adapter: z.literal('postgresql'),
  ...addressKeys,
  /** Where tables are looked for and made; the user's own search path by default. */
  schema: text(/\S/, 'the name of a schema').optional(),
}).superRefine(checkAddress);

const mysqlSchema = object({ adapter: z.literal('mysql'), ...addressKeys }).superRefine(checkAddress);

/** The database of a service; nothing secret stands here, only the names of secrets. */
export const databaseSchema = z.discriminatedUnion('adapter', [sqliteSchema, postgresqlSchema, mysqlSchema], {
  error: (issue: z.core.$ZodRawIssue) => {
    if (issue.code !== 'invalid_union') return wanted('an object with adapter').error(issue);
    const adapter = isRecord(issue.input) ? issue.input.adapter : undefined;
    return `${adapter === undefined ? 'missing, ' : ''}expected "sqlite", "postgresql" or "mysql"`;
  },
});

type Address = z.output<typeof mysqlSchema> | z.output<typeof postgresqlSchema>;

const partNames = ['host', 'port', 'database', 'user', 'passwordSecret', 'variable'] as const;

function checkAddress(address: Address, context: z.core.$RefinementCtx): void {
  const report = (key: keyof Address, message: string) => {
    context.issues.push({ code: 'custom', input: undefined, path: [key], message });
  };
  checkRotation(address, context);
  if (address.urlSecret !== undefined) {
    const superfluous = partNames.filter((key) => address[key] !== undefined);
    for (const key of superfluous) report(key, 'expected only without urlSecret: the URL says where the database is');
    if (address.adapter === 'postgresql' && address.tls !== undefined) {
      report('tls', 'expected only without urlSecret: the URL says it, ?sslmode=verify-full');
    }
    return;
  }
  if (address.host === undefined) {
    report('urlSecret', 'missing, expected the name of a secret with the URL; or host, database and user');
    return;
  }
  if (address.database === undefined) report('database', 'missing, expected the name of a database');
  if (address.user === undefined) report('user', 'missing, expected the name of a user');
}

function checkRotation(
  { adapter, rotation, urlSecret, passwordSecret }: Address,
  context: z.core.$RefinementCtx,
): void {
  if (rotation === undefined) return;
  const report = (key: keyof typeof rotation, message: string) => {
    context.issues.push({ code: 'custom', input: undefined, path: ['rotation', key], message });
  };
  if (rotation.strategy === 'single-user' && rotation.users !== undefined) {
    report('users', 'expected only where the strategy is "alternating-users"');
  }
  if (adapter === 'postgresql' && rotation.accountHost !== undefined) {
    report('accountHost', 'expected only for mysql: users of PostgreSQL have no host');
  }
  if (rotation.adminSecret === undefined && urlSecret === undefined && passwordSecret === undefined) {
    report('adminSecret', 'missing, expected the name of a secret: the database has no password to change others with');
  }
}
