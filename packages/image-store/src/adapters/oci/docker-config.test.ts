import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { type DockerConfig, helpersFor, loginIn, readDockerConfig } from './docker-config.ts';

const encoded = (text: string) => Buffer.from(text).toString('base64');

function configOf(document: object): DockerConfig {
  const config = readDockerConfig(JSON.stringify(document));
  if (config === undefined) throw new Error('expected a configuration');
  return config;
}

function passwordIn(document: object, server: string): string | undefined {
  const login = loginIn(configOf(document), server);
  return login !== undefined && 'password' in login ? login.password.reveal() : undefined;
}

describe("Docker's configuration", () => {
  it.each(['', 'null', '[]', '{"auths":[]}', '{"credsStore":1}', '{'])('is not "%s"', (text) => {
    expect(readDockerConfig(text)).toBeUndefined();
  });

  it('names the helper of the registry before the one for all', () => {
    const config = configOf({ credHelpers: { 'ecr.example.com': 'ecr-login' }, credsStore: 'pass' });
    expect(helpersFor(config, 'ecr.example.com')).toEqual(['ecr-login', 'pass']);
    expect(helpersFor(config, 'ghcr.io')).toEqual(['pass']);
    expect(helpersFor(configOf({}), 'ghcr.io')).toEqual([]);
  });

  it('gives back every login that was kept in it', () => {
    const name = fc.string({ minLength: 1 }).filter((text) => !text.includes(':'));
    const password = fc.string().filter((text) => !text.endsWith('\0'));
    fc.assert(
      fc.property(name, password, (username, secret) => {
        const config = configOf({ auths: { 'ghcr.io': { auth: encoded(`${username}:${secret}`) } } });
        const login = loginIn(config, 'ghcr.io');
        expect(login).toMatchObject({ username });
        expect(login !== undefined && 'password' in login ? login.password.reveal() : undefined).toBe(secret);
      }),
    );
  });

  it('prefers an identity token to the name beside it', () => {
    const config = configOf({ auths: { 'ghcr.io': { auth: encoded('ada:'), identitytoken: 'token' } } });
    const login = loginIn(config, 'ghcr.io');
    expect(login !== undefined && 'identityToken' in login ? login.identityToken.reveal() : undefined).toBe('token');
  });

  it.each(['https://registry.example.com', 'https://registry.example.com/v1/', 'registry.example.com'])(
    'knows the registry under %s',
    (name) => {
      const auths = { [name]: { auth: encoded('ada:secret') }, 'example.com': { auth: encoded('ada:wrong') } };
      expect(passwordIn({ auths }, 'registry.example.com')).toBe('secret');
    },
  );

  it('tells the ports of a host apart', () => {
    const auths = { 'localhost:5000': { auth: encoded('ada:secret') } };
    expect(passwordIn({ auths }, 'localhost:5001')).toBeUndefined();
  });

  it.each([{}, { auth: '' }, { auth: encoded('no colon') }])('has no login in %j', (login) => {
    expect(loginIn(configOf({ auths: { 'ghcr.io': login } }), 'ghcr.io')).toBeUndefined();
  });
});
