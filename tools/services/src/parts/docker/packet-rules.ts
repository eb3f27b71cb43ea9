export interface RulesToRestoreOptions {
  /** What iptables-save(8) wrote before the engine started, and writes now. */
  readonly before: string;
  readonly now: string;
  /** The bridges that only this engine has. */
  readonly bridges: readonly string[];
  /** Another engine goes on with what all of them use: Docker's chains and the policy for forwarding. */
  readonly keepCommon: boolean;
}

interface Table {
  readonly rules: readonly string[];
  /** Policies by chain; `-` for chains that are not built in. */
  readonly chains: ReadonlyMap<string, string>;
}

/** What iptables-restore(8) with --noflush needs to take away what the engine added; empty where that is nothing. */
export function rulesToRestore(options: RulesToRestoreOptions): string {
  const before = parse(options.before);
  return [...parse(options.now)]
    .map(([name, now]) => {
      const lines = restoreTable(before.get(name) ?? { rules: [], chains: new Map() }, now, options);
      return lines.length === 0 ? '' : [`*${name}`, ...lines, 'COMMIT', ''].join('\n');
    })
    .join('');
}

function restoreTable(
  before: Table,
  now: Table,
  { bridges, keepCommon }: Pick<RulesToRestoreOptions, 'bridges' | 'keepCommon'>,
): readonly string[] {
  const chains = keepCommon ? [] : [...now.chains.keys()].filter((name) => isDockers(name) && !before.chains.has(name));
  const added = now.rules.filter((rule) => !before.rules.includes(rule));
  const own = added.filter(mentions(new Set([...bridges, ...chains])));
  // How a container reaches a port that it publishes itself: the one rule that names neither a bridge nor a chain.
  const addresses = own.map((rule) => /--to-destination \[?(?<address>[^\s\]]+)\]?:\d/.exec(rule)?.groups?.address);
  const published = new Set(addresses.flatMap((address = '') => [`${address}/32`, `${address}/128`]));
  const toItself = added.filter(mentions(published)).filter((rule) => rule.endsWith(' -j MASQUERADE'));
  return [
    ...(keepCommon ? [] : restoreForwarding(before, now)),
    ...[...new Set([...own, ...toItself])].map((rule) => rule.replace(/^-A/, '-D')),
    ...chains.map((name) => `-X ${name}`),
  ];
}

function isDockers(chain: string): boolean {
  return chain === 'DOCKER' || chain.startsWith('DOCKER-');
}

function mentions(words: ReadonlySet<string>): (rule: string) => boolean {
  return (rule) => rule.split(' ').some((word) => words.has(word));
}

/** An engine that switches forwarding on lets nothing be forwarded that is not its own. */
function restoreForwarding(before: Table, now: Table): readonly string[] {
  const policy = before.chains.get('FORWARD') ?? 'ACCEPT';
  return (now.chains.get('FORWARD') ?? policy) === policy ? [] : [`:FORWARD ${policy} [0:0]`];
}

function parse(saved: string): ReadonlyMap<string, Table> {
  const tables = new Map<string, Table>();
  for (const [, name = '', body = ''] of saved.matchAll(/^\*(\S+)\n(.*?)^COMMIT/gms)) {
    const lines = body.split('\n');
    const chains = lines.filter((line) => line.startsWith(':')).map((line) => line.slice(1).split(' '));
    tables.set(name, {
      rules: lines.filter((line) => line.startsWith('-A ')),
      chains: new Map(chains.map(([chain = '', policy = '']) => [chain, policy])),
    });
  }
  return tables;
}
