const shortest = 4;

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
    url,
    url.replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase()),
    new URLSearchParams([['', text]]).toString().slice(1),
    JSON.stringify(text).slice(1, -1),
  ];
}
