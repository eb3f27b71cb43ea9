import type { InstanceAddress } from '@maestro/bluegreen';

import type { CertificateFiles } from './place.ts';

/** What a peer listens on and passes on to. */
export interface PeerSetup {
  readonly tlsPort: number;
  readonly certificate: CertificateFiles;
  readonly upstream: InstanceAddress;
}

/** nginx as usual: the upstream is in the configuration, so that another one needs a reload. */
export function nginxConfig(
  port: number,
  { tlsPort, certificate, upstream }: PeerSetup,
  /** Written to as nginx does unless it is told otherwise. */
  accessLog?: string,
): string {
  return `
worker_processes auto;
events { worker_connections 4096; }
http {
  access_log ${accessLog ?? 'off'};
  upstream service {
    server ${upstream.host}:${upstream.port};
    keepalive 64;
    keepalive_timeout 1s;
  }
  server {
    listen 127.0.0.1:${port};
    listen 127.0.0.1:${tlsPort} ssl http2;
    ssl_certificate ${certificate.certificateFile};
    ssl_certificate_key ${certificate.keyFile};
    location / {
      proxy_pass http://service;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }
  }
}
`;
}

/** HAProxy as usual, with a master that replaces its worker at a reload. */
export function haproxyConfig(port: number, { tlsPort, certificate, upstream }: PeerSetup): string {
  return `
global
  maxconn 4096
defaults
  mode http
  timeout connect 5s
  timeout client 75s
  timeout server 75s
  timeout http-keep-alive 75s
frontend public
  bind 127.0.0.1:${port}
  bind 127.0.0.1:${tlsPort} ssl crt ${certificate.bundleFile} alpn h2,http/1.1
  default_backend service
backend service
  http-reuse safe
  server one ${upstream.host}:${upstream.port}
`;
}
