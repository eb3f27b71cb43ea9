import type { Promised } from '@maestro/services/faults';

export interface PromiseText {
  readonly promised: Promised;
  /** What it means, and how it is tried to be broken. */
  readonly means: string;
  readonly notTried: readonly string[];
}

/** In the order of the page. */
export const promises: readonly PromiseText[] = [
  {
    promised: 'no request is dropped',
    means:
      'Neither by a release, nor by one that is refused, a rollback, or a deployer that is killed. Clients keep their ' +
      'connections, send GETs and POSTs, read every answer to its end, and send nothing a second time: what is reset, ' +
      'times out or has another status than it should have counts as failed. Over HTTP/2 a server that closes a connection ' +
      'says which requests it has not begun, and these are sent again, as the protocol has it: none at a switch, some where ' +
      'nginx is reloaded because services, routes or certificates change.',
    notTried: [
      'HTTP/3',
      'a network between clients and proxy that loses packets',
      'more than some thousand requests a second: load, proxy and services share the cores of one machine',
    ],
  },
  {
    promised: 'what is live is never stopped',
    means:
      'Whoever dies, the instances that receive traffic go on, at the same addresses, and come back where the machine itself ' +
      'went down: the deployer, the daemon of an embedded environment, the Docker Engine, nginx, the power.',
    notTried: [
      'a kernel that runs out of memory',
      'a disk that breaks',
      'a loss of power on real hardware: what was written to files stays here, flushed or not',
    ],
  },
  {
    promised: 'a release that was cut off can be finished or undone',
    means:
      'Killed before or after any of its steps, `maestro resume` finishes it and `maestro abort` undoes it, and both may ' +
      'themselves be killed. Until then services answer as before, or as after the switch.',
    notTried: [
      'a kill at every system call of a step: kills are before it, after it, and at some place within it',
      'a journal on a network file system',
    ],
  },
  {
    promised: 'only one deployer switches',
    means:
      'Of deployers that start together one gets the lock; whoever lost it is fenced right before the rename, and a killed ' +
      'holder holds nothing.',
    notTried: ['deployers on machines with different clocks', 'a lock on a network file system'],
  },
  {
    promised: 'a migration runs once',
    means:
      'However many runners start together and wherever one is killed or cut off from its database: afterwards each migration ' +
      'is there once and recorded once, or neither, or a mark says what is to be repaired.',
    notTried: ['a database server that loses what it had acknowledged', 'replicas that are promoted meanwhile'],
  },
  {
    promised: 'nothing is torn or lost',
    means:
      'Images, releases and their history are whole or not there at all, whoever writes them at the same time and wherever a ' +
      'writer is killed or a connection is cut.',
    notTried: [
      'a disk that acknowledges a flush without doing it',
      'bytes that change on a disk: they are found by their digest where an image is read',
    ],
  },
  {
    promised: 'secrets stay secret',
    means:
      'No secret is found on a disk, in a command line, a log, an event or in what the engine shows, and a killed rotation ' +
      'leaves no login that does not work.',
    notTried: ['a user who is root on the host', 'swapped memory'],
  },
];
