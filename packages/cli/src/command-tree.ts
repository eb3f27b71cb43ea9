import type { Command as Program } from 'commander';

/** A command that does something, such as `images build`. */
export interface Leaf {
  readonly path: string;
  readonly command: Program;
}

/** Every command that does something itself. */
export function leavesOf(program: Program, above: readonly string[] = []): readonly Leaf[] {
  return program.commands.flatMap((command): readonly Leaf[] => {
    const path = [...above, command.name()];
    return command.commands.length === 0 ? [{ path: path.join(' '), command }] : leavesOf(command, path);
  });
}
