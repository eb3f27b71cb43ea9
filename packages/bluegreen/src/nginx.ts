export { type LiveFacts, observeLive } from './adapters/files/observe-live.ts';
export { containerNginx, type ContainerNginxOptions } from './adapters/nginx/container-nginx.ts';
export type { NginxLayout } from './adapters/nginx/nginx-layout.ts';
export type { NginxProgram } from './adapters/nginx/nginx-program.ts';
export type { NginxVersion } from './adapters/nginx/nginx-version.ts';
export { type NginxFacts, observeNginx, type ObserveNginxOptions } from './adapters/nginx/observe-nginx.ts';
export { type Nginx, type NginxOptions, openNginx } from './adapters/nginx/open-nginx.ts';
