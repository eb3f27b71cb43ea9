import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { rulesToRestore } from './packet-rules.ts';

const clean = `*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
-A INPUT -i docker0 -j DROP
COMMIT
`;

const running = `*filter
:INPUT ACCEPT [12:3400]
:FORWARD DROP [0:0]
:DOCKER - [0:0]
:DOCKER-USER - [0:0]
-A INPUT -i docker0 -j DROP
-A INPUT -p tcp -m comment --comment "added by hand meanwhile" -j ACCEPT
-A FORWARD -j DOCKER-USER
-A FORWARD -i br-0123456789ab ! -o br-0123456789ab -j ACCEPT
-A DOCKER -d 10.213.1.2/32 ! -i br-0123456789ab -o br-0123456789ab -p tcp -m tcp --dport 80 -j ACCEPT
-A DOCKER-USER -j RETURN
COMMIT
*nat
:POSTROUTING ACCEPT [0:0]
:DOCKER - [0:0]
-A POSTROUTING -s 10.213.1.0/24 ! -o br-0123456789ab -j MASQUERADE
-A POSTROUTING -s 10.213.1.2/32 -d 10.213.1.2/32 -p tcp -m tcp --dport 80 -j MASQUERADE
-A POSTROUTING -s 10.213.9.2/32 -d 10.213.9.2/32 -p tcp -m tcp --dport 80 -j MASQUERADE
-A DOCKER -d 127.0.0.1/32 ! -i br-0123456789ab -p tcp -m tcp --dport 32768 -j DNAT --to-destination 10.213.1.2:80
COMMIT
`;

const bridges = ['br-0123456789ab'];

describe('packet rules after an engine', () => {
  it('lose its chains, what names them or its bridges, and how its containers reach themselves', () => {
    expect(rulesToRestore({ before: clean, now: running, bridges, keepCommon: false })).toBe(`*filter
:FORWARD ACCEPT [0:0]
-D FORWARD -j DOCKER-USER
-D FORWARD -i br-0123456789ab ! -o br-0123456789ab -j ACCEPT
-D DOCKER -d 10.213.1.2/32 ! -i br-0123456789ab -o br-0123456789ab -p tcp -m tcp --dport 80 -j ACCEPT
-D DOCKER-USER -j RETURN
-X DOCKER
-X DOCKER-USER
COMMIT
*nat
-D POSTROUTING -s 10.213.1.0/24 ! -o br-0123456789ab -j MASQUERADE
-D DOCKER -d 127.0.0.1/32 ! -i br-0123456789ab -p tcp -m tcp --dport 32768 -j DNAT --to-destination 10.213.1.2:80
-D POSTROUTING -s 10.213.1.2/32 -d 10.213.1.2/32 -p tcp -m tcp --dport 80 -j MASQUERADE
-X DOCKER
COMMIT
`);
  });

  it('keep the chains and the policy while another engine needs them', () => {
    expect(rulesToRestore({ before: clean, now: running, bridges, keepCommon: true })).toBe(`*filter
-D FORWARD -i br-0123456789ab ! -o br-0123456789ab -j ACCEPT
-D DOCKER -d 10.213.1.2/32 ! -i br-0123456789ab -o br-0123456789ab -p tcp -m tcp --dport 80 -j ACCEPT
COMMIT
*nat
-D POSTROUTING -s 10.213.1.0/24 ! -o br-0123456789ab -j MASQUERADE
-D DOCKER -d 127.0.0.1/32 ! -i br-0123456789ab -p tcp -m tcp --dport 32768 -j DNAT --to-destination 10.213.1.2:80
-D POSTROUTING -s 10.213.1.2/32 -d 10.213.1.2/32 -p tcp -m tcp --dport 80 -j MASQUERADE
COMMIT
`);
  });

  it('of IPv6 too', () => {
    const now = `*nat
:POSTROUTING ACCEPT [0:0]
:DOCKER - [0:0]
-A POSTROUTING -s fd00::2/128 -d fd00::2/128 -p tcp -m tcp --dport 80 -j MASQUERADE
-A DOCKER ! -i br-0123456789ab -p tcp -m tcp --dport 8080 -j DNAT --to-destination [fd00::2]:80
COMMIT
`;
    const restoring = rulesToRestore({ before: '', now, bridges, keepCommon: false });
    expect(restoring).toContain('-D POSTROUTING -s fd00::2/128 -d fd00::2/128');
  });

  it('are left as they are where nothing of an engine was added', () => {
    const rule = fc.constantFrom('-A INPUT -j DROP', '-A FORWARD -i docker0 -j ACCEPT', '-A FORWARD -j DOCKER-USER');
    fc.assert(
      fc.property(fc.array(rule), fc.boolean(), (rules, keepCommon) => {
        const state = `*filter\n:FORWARD DROP [0:0]\n:DOCKER-USER - [0:0]\n${rules.join('\n')}\nCOMMIT\n`;
        expect(rulesToRestore({ before: state, now: state, bridges: ['docker0'], keepCommon })).toBe('');
      }),
    );
  });
});
