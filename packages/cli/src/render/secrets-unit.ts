import { dirname } from 'node:path';

export interface SecretsUnitOptions {
  readonly project: string;
  readonly environment: string;
  /** Absolute path of the configuration. */
  readonly file: string;
  /** What starts this command line: Node, its options and the script. */
  readonly program: readonly string[];
  /** Who can read the configuration, log in to the store and use the engine. */
  readonly user: string;
}

export interface SecretsUnit {
  /** `maestro-secrets-shop-production.service` */
  readonly name: string;
  readonly text: string;
}

/**
 * A unit of systemd that fills emptied volumes each time Docker has started, and tries until it has. It holds no secret:
 * who may read them is decided when it runs.
 */
export function secretsUnit({ project, environment, file, program, user }: SecretsUnitOptions): SecretsUnit {
  const name = `maestro-secrets-${project}-${environment}.service`;
  const command = [...program, 'secrets', 'inject', '--emptied', '-c', file, '-e', environment, '--timeout', '5m'];
  const lines = [
    `# Puts the secrets of ${project} ${environment} into memory again after a reboot; holds none itself. To install it:`,
    `#   maestro secrets inject --unit -e ${environment} | sudo tee /etc/systemd/system/${name}`,
    `#   sudo systemctl enable --now ${name}`,
    '[Unit]',
    `Description=Secrets of ${project} ${environment} in the memory of this host`,
    'BindsTo=docker.service',
    'Wants=network-online.target',
    'After=docker.service network-online.target',
    '# Containers wait for it, so it does not give up.',
    'StartLimitIntervalSec=0',
    '',
    '[Service]',
    'Type=oneshot',
    'RemainAfterExit=yes',
    `User=${user}`,
    `WorkingDirectory=${literal(dirname(file))}`,
    `ExecStart=${command.map(argument).join(' ')}`,
    'Restart=on-failure',
    'RestartSec=5',
    '# What is wrong with the configuration does not pass.',
    'RestartPreventExitStatus=2',
    '# Neither a dump of its memory nor swap space keeps a secret.',
    'LimitCORE=0',
    'MemorySwapMax=0',
    'NoNewPrivileges=yes',
    '',
    '[Install]',
    'WantedBy=docker.service',
  ];
  return { name, text: lines.join('\n') };
}

/** Percent signs begin what systemd replaces. */
function literal(text: string): string {
  return text.replaceAll('%', '%%');
}

/** https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html#Command%20lines */
function argument(text: string): string {
  const safe = literal(text).replaceAll('$', '$$$$');
  return /^[\w@%$+=:,./-]+$/.test(safe) ? safe : `"${safe.replaceAll(/["\\]/g, '\\$&')}"`;
}
