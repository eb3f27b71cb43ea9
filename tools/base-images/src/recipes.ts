import type { BaseImageName } from './base-images.ts';
import { nodeVersion, npmVersion } from './node-files.ts';

/** How a root file system is made. All of it goes into the key of what is cached, so a changed recipe is made anew. */
export interface Recipe {
  readonly name: string;
  /** For `sh -e`, run in the root file system as root. */
  readonly script: string;
}

export interface DebianRecipe extends Recipe {
  readonly suite: string;
  readonly packages: readonly string[];
}

export interface ImageRecipe extends Recipe {
  readonly name: BaseImageName;
  readonly debian: DebianRecipe;
  /** The version of Node's and npm's files that the script finds in /tmp. */
  readonly nodeFiles?: { readonly node: string; readonly npm: string };
  readonly config: ImageConfig;
}

/** As the OCI image specification and Docker write it. */
export interface ImageConfig {
  readonly Env: readonly string[];
  readonly Cmd: readonly string[];
  readonly ExposedPorts?: Readonly<Record<string, Record<string, never>>>;
  readonly StopSignal?: string;
  readonly Labels: Readonly<Record<string, string>>;
}

const trim = `
apt-get clean
rm -rf /var/lib/apt/lists/* /var/cache/debconf/*-old /var/log/*.log /var/log/apt /tmp/*
: > /etc/resolv.conf
`;

const debian: DebianRecipe = {
  name: 'debian',
  suite: 'bookworm',
  packages: ['ca-certificates'],
  // The policy keeps packages from starting their servers as they are installed, see invoke-rc.d(8).
  script: `
printf '#!/bin/sh\\nexit 101\\n' > /usr/sbin/policy-rc.d
chmod 755 /usr/sbin/policy-rc.d
printf 'path-exclude /usr/share/%s/*\\n' doc info locale man > /etc/dpkg/dpkg.cfg.d/slim
rm -rf /usr/share/doc/* /usr/share/info/* /usr/share/locale/* /usr/share/man/*
echo localhost > /etc/hostname
${trim}`,
};

const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

function nodeRecipe(): ImageRecipe {
  const version = nodeVersion();
  return {
    name: 'node',
    debian,
    nodeFiles: { node: version, npm: npmVersion },
    script: `
useradd --uid 1000 --user-group --create-home --shell /bin/bash node
install /tmp/node /usr/local/bin/node
mkdir -p /usr/local/lib/node_modules/npm
tar -xzf /tmp/npm.tgz -C /usr/local/lib/node_modules/npm --strip-components=1 --no-same-owner
ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx
chmod 755 /usr/local/lib/node_modules/npm/bin/*-cli.js
${trim}`,
    config: {
      Env: [path, `NODE_VERSION=${version}`],
      Cmd: ['node'],
      Labels: standInLabels('node', `Node ${version} on Debian ${debian.suite}`),
    },
  };
}

function nginxRecipe(): ImageRecipe {
  return {
    name: 'nginx',
    debian,
    // Debian's own site would take port 80 from those that Dockerfiles put into conf.d; the user is the one whom
    // configurations written for the hub's image name.
    script: `
apt-get update -qq
apt-get install -y -qq --no-install-recommends nginx
useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin nginx
rm /etc/nginx/sites-enabled/default
cat > /etc/nginx/conf.d/default.conf <<'END'
server {
    listen 80;
    server_name localhost;
    location / {
        root /usr/share/nginx/html;
        index index.html index.htm;
    }
}
END
ln -sf /dev/stdout /var/log/nginx/access.log
ln -sf /dev/stderr /var/log/nginx/error.log
${trim}`,
    config: {
      Env: [path],
      Cmd: ['nginx', '-g', 'daemon off;'],
      ExposedPorts: { '80/tcp': {} },
      StopSignal: 'SIGQUIT',
      Labels: standInLabels('nginx', `nginx of Debian ${debian.suite}`),
    },
  };
}

function pythonRecipe(): ImageRecipe {
  return {
    name: 'python',
    debian,
    // Programs and pip are where the hub's image has them. What pip installs goes to /usr/local, as there; the marker is
    // Debian's, and keeps pip from doing so.
    script: `
apt-get update -qq
apt-get install -y -qq --no-install-recommends python3 python3-pip
rm /usr/lib/python3*/EXTERNALLY-MANAGED
ln -s /usr/bin/python3 /usr/local/bin/python3
ln -s python3 /usr/local/bin/python
ln -s /usr/bin/pip3 /usr/local/bin/pip
find /usr/lib -name __pycache__ -path '*python3*' -prune -exec rm -rf {} +
${trim}`,
    config: {
      Env: [path],
      Cmd: ['python3'],
      Labels: standInLabels('python', `Python of Debian ${debian.suite}`),
    },
  };
}

function standInLabels(name: string, contents: string): Readonly<Record<string, string>> {
  return {
    'org.opencontainers.image.title': name,
    'org.opencontainers.image.description': `${contents}; a stand-in for the image on Docker Hub, made where that cannot be reached`,
    'org.opencontainers.image.base.name': `debian:${debian.suite}`,
    'dev.maestro.base-image': 'debian',
  };
}

const recipes = { node: nodeRecipe, nginx: nginxRecipe, python: pythonRecipe };

export function recipeOf(name: BaseImageName): ImageRecipe {
  return recipes[name]();
}
