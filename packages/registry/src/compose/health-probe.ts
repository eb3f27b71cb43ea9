import type { ResolvedHealth } from '../resolve-health.ts';

/** What a probe inside a container finds out; the rest of a check is times. */
export type Probe =
  | { readonly kind: 'tcp'; readonly port: number }
  | {
      readonly kind: 'http';
      readonly port: number;
      readonly path: string;
      readonly host?: string | undefined;
      readonly statuses?: readonly (readonly [from: number, to: number])[] | undefined;
    };

const success = [[200, 299]] as const;

/**
 * A check from the outside as a command for the inside. Compose asks in the container, with what its image has: a shell and,
 * for a request, one of curl, wget, Node and Python. Null where the image brings its own.
 */
export function healthTest(health: ResolvedHealth, port: number, routeHost?: string): readonly string[] | null {
  switch (health.kind) {
    case 'http': {
      const { path, statuses = success, host = routeHost ?? `127.0.0.1:${port}` } = health;
      const ranges = statuses.map(([from, to]) => `${from}-${to}`);
      return [...shell, askScript, 'ask', `http://127.0.0.1:${port}${path}`, host, ...ranges];
    }
    case 'tcp':
      return ['CMD-SHELL', listenScript(port)];
    case 'command':
      return ['CMD', ...health.command];
    case 'image':
      return null;
  }
}

const shell = ['CMD', '/bin/sh', '-c'];

const nodeProgram =
  'const [u, host] = process.argv.slice(1); require("http").get(u, { headers: { host } }, (r) => { ' +
  'console.log(r.statusCode); process.exit(); }).on("error", () => process.exit(1))';

const pythonProgram =
  'import sys, http.client as c, urllib.parse as p; u = p.urlsplit(sys.argv[1]); k = c.HTTPConnection(u.netloc); ' +
  'k.request("GET", u.path + ("?" + u.query if u.query else ""), headers={"Host": sys.argv[2]}); print(k.getresponse().status)';

/** Asks an address with a Host for an answer whose status is in one of the ranges, these being its arguments. */
export const askScript = `u=$1 h=$2; shift 2
if command -v curl >/dev/null; then
  s=$(curl -s -o /dev/null -w '%{http_code}' -H "Host: $h" "$u")
elif command -v wget >/dev/null; then
  s=$(wget -q -S -O /dev/null --header "Host: $h" "$u" 2>&1 | sed -n 's/^ *HTTP[^ ]* \\([0-9]*\\).*/\\1/p' | head -n 1)
elif command -v node >/dev/null; then
  s=$(node -e '${nodeProgram}' "$u" "$h")
elif command -v python3 >/dev/null; then
  s=$(python3 -c '${pythonProgram}' "$u" "$h")
else
  echo 'asking for the health of a service needs curl, wget, node or python3 in its image'; exit 1
fi
for range; do [ "\${s:-0}" -ge "\${range%-*}" ] && [ "$s" -le "\${range#*-}" ] && exit 0; done
echo "$u: $s"; exit 1
`;

/** The kernel tells who listens, also where an image has no program that connects. */
function listenScript(port: number): string {
  return `grep -q ':${port.toString(16).toUpperCase().padStart(4, '0')} [0-9A-F]*:0000 0A' /proc/net/tcp /proc/net/tcp6`;
}

/** What a test asks for, ours or a curl or wget of somebody else's; null where it asks nothing that is known. */
export function readProbe(test: readonly string[]): Probe | null {
  const [kind, ...words] = test;
  const script = kind === 'CMD-SHELL' ? words.join(' ') : (words.at(-1) ?? '');
  if (words[3] === 'ask' && isOurs(words[4])) return readOurs(words.slice(4));
  const listening = /:([0-9A-F]{4}) \[0-9A-F\]\*:0000 0A' \/proc\/net\/tcp/.exec(script)?.[1];
  if (listening !== undefined) return { kind: 'tcp', port: Number.parseInt(listening, 16) };
  const inShell = kind === 'CMD-SHELL' || /^(?:\/bin\/)?(?:ba|da)?sh -c$/.test(words.slice(0, 2).join(' '));
  return readTheirs(
    inShell ? script : words.map((word) => (/^[\w./:=@%+-]+$/.test(word) ? word : `'${word}'`)).join(' '),
  );
}

/** Whatever the script was when it was rendered. */
function isOurs(address = ''): boolean {
  return /^http:\/\/127\.0\.0\.1:\d+\//.test(address);
}

function readOurs([address = '', host = '', ...ranges]: readonly string[]): Probe {
  const [, port = '', path = ''] = /^http:\/\/127\.0\.0\.1:(\d+)(.*)$/.exec(address) ?? [];
  const usual = ranges.join() === success.map((range) => range.join('-')).join();
  return {
    kind: 'http',
    port: Number(port),
    path,
    ...(host === `127.0.0.1:${port}` ? {} : { host }),
    ...(usual ? {} : { statuses: ranges.map((range) => range.split('-').map(Number) as [number, number]) }),
  };
}

/** Of localhost only: what asks another host is no check of this service alone. */
const localUrl =
  /\bhttp:\/\/(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(?::(\d+))?(\/[^\s'"#|;&)]*)?(?=[\s'"#|;&)]|$)/g;

/** Programs that make a request and nothing else, and what stands beside it in a shell. */
const onlyAsks =
  /^(?:\/\S*\/)?(?:curl|wget)\b(?:(?!\||&&|;|\$\().)*(?:\s*(?:\|\|\s*(?:exit 1|false|kill 1)|>\s*\/dev\/null|2>&1|;?\s*exit 1)\s*)*$/s;

function readTheirs(script: string): Probe | null {
  const urls = [...script.matchAll(localUrl)];
  const [first] = urls;
  if (first === undefined || urls.length > 1 || !onlyAsks.test(script.trim())) return null;
  const host = /(?:-H|--header)[= ]?["']?Host:\s*([A-Za-z0-9.-]+)/i.exec(script)?.[1];
  return {
    kind: 'http',
    port: Number(first[1] ?? 80),
    path: first[2] ?? '/',
    ...(host === undefined ? {} : { host }),
  };
}
