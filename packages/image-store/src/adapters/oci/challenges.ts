/** What a `WWW-Authenticate` header asks for. */
export interface Challenge {
  /** In small letters. */
  readonly scheme: string;
  /** By names in small letters. */
  readonly parameters: Readonly<Record<string, string>>;
}

// https://www.rfc-editor.org/rfc/rfc9110#name-authentication-parameters
const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const part = new RegExp(
  `(?<name>${token})\\s*=\\s*(?:"(?<quoted>(?:[^"\\\\]|\\\\.)*)"|(?<plain>${token}))|(?<scheme>${token})`,
  'gs',
);

/** Reads one or more challenges; parts that are none are left out. */
export function parseChallenges(header: string): readonly Challenge[] {
  const challenges: { readonly scheme: string; readonly parameters: Record<string, string> }[] = [];
  for (const { groups = {} } of header.matchAll(part)) {
    const { name, quoted, plain, scheme } = groups;
    if (scheme !== undefined) challenges.push({ scheme: scheme.toLowerCase(), parameters: {} });
    const parameters = challenges.at(-1)?.parameters;
    if (name === undefined || parameters === undefined) continue;
    parameters[name.toLowerCase()] = quoted?.replace(/\\(.)/gs, '$1') ?? plain ?? '';
  }
  return challenges;
}
