// By their numbers on Linux; the code of a signal is 128 more, as a shell has it.
const signals: Readonly<Record<number, string>> = {
  129: 'SIGHUP',
  130: 'SIGINT',
  131: 'SIGQUIT',
  132: 'SIGILL',
  134: 'SIGABRT',
  135: 'SIGBUS',
  137: 'SIGKILL',
  139: 'SIGSEGV',
  141: 'SIGPIPE',
  143: 'SIGTERM',
};

/** How a process ended, in words, by its exit code. */
export function endedWith(code: number): string {
  return signals[code] ?? `exit code ${code}`;
}
