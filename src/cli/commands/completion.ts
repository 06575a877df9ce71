import { Argument } from 'commander';
import type { Command } from 'commander';
import { completionScript, shells } from '../completion.ts';
import type { Shell } from '../completion.ts';
import { exit } from '../io.ts';
import type { Io } from '../io.ts';

const examples = `
Examples:
  source <(liouville completion bash)                                       in ~/.bashrc
  source <(liouville completion zsh)                                        in ~/.zshrc, after compinit
  liouville completion fish > ~/.config/fish/completions/liouville.fish`;

/** `liouville completion`: a script that completes commands, options and names in a shell. */
export function addCompletion(program: Command, io: Io, end: (status: number) => void): void {
  program
    .command('completion')
    .description('Print a script that completes commands, options and names in a shell.')
    .addArgument(new Argument('<shell>', 'which shell').choices(shells))
    .addHelpText('after', examples)
    .action((shell: Shell) => {
      io.stdout.write(completionScript(program, shell));
      end(exit.ok);
    });
}
