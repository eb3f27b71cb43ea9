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
  return [...base64Of(text), ...urlEncodingsOf(text), ...jsonEncodingsOf(text), text.replaceAll("'", "'\\''")];
}

function base64Of(text: string): readonly string[] {
  const bytes = Buffer.from(text, 'utf8');
  const base64 = bytes.toString('base64');
  return [base64, base64.replace(/=+$/, ''), bytes.toString('base64url'), ...insideBase64(bytes)];
}

/** Languages differ in what they leave as it is, and in how they write a blank. */
function urlEncodingsOf(text: string): readonly string[] {
  const component = encodeURIComponent(Buffer.from(text, 'utf8').toString('utf8'));
  const strict = component.replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  const form = new URLSearchParams([['', text]]).toString().slice(1);
  const user = Object.assign(new URL('x://a@b'), { password: text }).password;
  return [component, strict, strict.replaceAll('%20', '+'), form, user].flatMap((url) => [
    url,
    url.replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase()),
  ]);
}

/** JSON may escape more than it must: Python and Java what is not ASCII, PHP slashes, Go and .NET what HTML would read. */
function jsonEncodingsOf(text: string): readonly string[] {
  const json = JSON.stringify(text).slice(1, -1);
  const ascii = json.replace(/[^ -~]/g, escaped);
  const forHtml = json.replace(/\\\\|\\"|[^ -~]|['&+<>`]/g, (sign) => {
    if (sign === '\\\\') return sign;
    return capital(sign === '\\"' ? '"' : sign);
  });
  return [
    json,
    ascii,
    json.replace(/[^ -~]/g, capital),
    json.replaceAll('/', '\\/'),
    ascii.replaceAll('/', '\\/'),
    json.replace(/[&<>\u2028\u2029]/g, escaped),
    forHtml,
    // A line of a log in JSON that quotes a document.
    JSON.stringify(json).slice(1, -1),
  ];
}

function escaped(sign: string): string {
  return `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function capital(sign: string): string {
  return `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0').toUpperCase()}`;
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
