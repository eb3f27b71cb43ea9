import { generate } from 'selfsigned';

// Longer than one is left standing.
const lifetimeMs = 30 * 24 * 60 * 60 * 1000;

/** A certificate that is its own authority, for names and for 127.0.0.1, and its key; both in PEM. */
export async function selfSigned(options: {
  readonly title: string;
  readonly hosts: readonly string[];
}): Promise<{ readonly certificate: string; readonly key: string }> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: options.title }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + lifetimeMs),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          ...options.hosts.map((value): { type: 2; value: string } => ({ type: 2, value })),
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  return { certificate: cert, key };
}
