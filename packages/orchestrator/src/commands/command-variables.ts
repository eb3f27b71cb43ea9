type Variables = Readonly<Record<string, string | undefined>>;

export interface CommandVariablesOptions {
  /** What this process has, such as `process.env`. */
  readonly inherited: Variables;
  /** Names of the secrets of the environment. */
  readonly secrets: readonly string[];
  /** Names that are passed on all the same. */
  readonly pass: readonly string[];
  /** What the command is told besides. */
  readonly told: Readonly<Record<string, string>>;
}

/** Where AWS is, which is no secret; everything else under its prefix says who asks. */
const awsPlaces: ReadonlySet<string> = new Set(['AWS_REGION', 'AWS_DEFAULT_REGION']);

/** The variables of a gate or hook: what the deployer has, without secrets and without who it is at AWS. */
export function commandVariables(options: CommandVariablesOptions): Record<string, string> {
  const { inherited, pass, told } = options;
  const isPassed = (name: string) => pass.includes(name) || !isWithheld(name, options);
  const kept = Object.entries(inherited).flatMap(([name, value]) =>
    value === undefined || !isPassed(name) ? [] : [[name, value] as const],
  );
  return { ...Object.fromEntries(kept), ...told };
}

/** What of this process's variables must not be shown, passed on or not. */
export function secretVariables(options: Pick<CommandVariablesOptions, 'inherited' | 'pass' | 'secrets'>): string[] {
  return Object.entries(options.inherited).flatMap(([name, value]) =>
    value !== undefined && (options.pass.includes(name) || isWithheld(name, options)) ? [value] : [],
  );
}

function isWithheld(name: string, { secrets }: Pick<CommandVariablesOptions, 'secrets'>): boolean {
  return secrets.includes(name) || (name.toUpperCase().startsWith('AWS_') && !awsPlaces.has(name));
}
