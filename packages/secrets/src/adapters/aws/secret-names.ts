/** What AWS has no secret for, so that it is not asked: one such name would spoil its whole batch. */
const nameGrammar = /^[\w/+=.@!-]{1,512}$/;
const arnGrammar = /^arn:[\w-]+:secretsmanager:([\w-]+):\d{12}:secret:[\w/+=.@!-]{1,519}$/;
const versionGrammar = /^[\w-]{32,64}$/;

/** Names of secrets as callers know them, and as the service does. */
export class SecretNames {
  readonly prefix: string;

  constructor(prefix: string) {
    this.prefix = prefix;
  }

  /** What the service is asked for; an ARN as it is. Undefined for what cannot be a name. */
  idOf(name: string): string | undefined {
    if (arnGrammar.test(name)) return name;
    const id = `${this.prefix}${name}`;
    return name !== '' && nameGrammar.test(id) ? id : undefined;
  }

  /** Undefined for a secret that is not under the prefix. */
  nameOf(id: string): string | undefined {
    return id.startsWith(this.prefix) && id.length > this.prefix.length ? id.slice(this.prefix.length) : undefined;
  }
}

/** A replica has the ARN of its original, with another region in it. */
export function inRegion(id: string, region: string): string {
  const own = arnGrammar.exec(id)?.[1];
  return own === undefined ? id : id.replace(`:${own}:`, `:${region}:`);
}

/** Whether an answer is for what was asked for: by name, by ARN, or by an ARN without its last six characters. */
export function isAnswerFor(
  id: string,
  { Name, ARN = '' }: { readonly Name?: string | undefined; readonly ARN?: string | undefined },
): boolean {
  return (
    id === Name || id === ARN || (id.startsWith('arn:') && ARN.startsWith(`${id}-`) && ARN.length === id.length + 7)
  );
}

export function canBeVersion(version: string): boolean {
  return versionGrammar.test(version);
}
