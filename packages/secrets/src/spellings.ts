const shortest = 4;
/** Of base64, where any four characters turn up somewhere. */
const shortestInside = 8;

/** Every way a secret is likely to be written in output; none for one too short to be told from other text. */
export function spellingsOf(secret: string): readonly string[] {
  // Logs are written and read by line, so a key over several lines is looked for line by line as well.
  const lines = secret.split(/\r?\n/).map((line) => line.trim());
  return [secret, ...lines].filter(({ length }) => length >= shortest).flatMap((text) => [text, ...encodingsOf(text)]);
}

function encodingsOf(text: string): readonly string[] {
  const bytes = Buffer.from(text, 'utf8');
  const base64 = bytes.toString('base64');
  const url = encodeURIComponent(bytes.toString('utf8'));
  return [
    base64,
    base64.replace(/=+$/, ''),
    bytes.toString('base64url'),
    ...insideBase64(bytes),
    url,
    url.replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase()),
    new URLSearchParams([['', text]]).toString().slice(1),
    JSON.stringify(text).slice(1, -1),
  ];
}

/**
 * How it looks in the base64 of a longer text, such as a password in a Basic authorization header: each of the three ways
 * in which it can fall into groups of three bytes, without the characters at its ends that its neighbours have a part in.
 */
function insideBase64(bytes: Buffer): readonly string[] {
  return [0, 1, 2].flatMap((before) => {
    const shifted = Buffer.concat([Buffer.alloc(before), bytes]);
    const own = shifted.toString('base64').slice(before === 0 ? 0 : before + 1, Math.floor((shifted.length * 8) / 6));
    return own.length < shortestInside ? [] : [own, own.replaceAll('+', '-').replaceAll('/', '_')];
  });
}
