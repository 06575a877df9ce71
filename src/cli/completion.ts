import { Option } from 'commander';
import type { Command } from 'commander';
import { toyNames } from '../data/index.ts';
import { engineNames } from '../engine/index.ts';
import { modelNames, paperModelNames } from '../models/index.ts';
import { solverNames } from '../ode/index.ts';
import { schedules } from '../train/index.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** What an option with names as its values may be given. Those that take files or numbers are not here. */
const values: Readonly<Record<string, readonly string[]>> = {
  '--data': toyNames,
  '--model': [...modelNames, ...paperModelNames],
  '--models': ['all', ...modelNames, ...paperModelNames],
  '--engine': ['auto', ...engineNames],
  '--precision': ['float32', 'float64'],
  '--solver': solverNames,
  '--schedule': Object.keys(schedules),
};

/** A command and what can follow it. */
interface Words {
  readonly name: string;
  readonly description: string;
  readonly options: readonly Option[];
}

/** The script for a shell, made from the commands and options that there are. */
export function completionScript(program: Command, shell: Shell): string {
  const help = new Option('--help', 'what the command does and takes');
  const commands = program.commands.map((command): Words => {
    return { name: command.name(), description: command.description(), options: [...command.options, help] };
  });
  if (shell === 'fish') return fish(commands);
  // zsh runs the script of bash.
  return shell === 'zsh' ? `autoload -U +X bashcompinit && bashcompinit\n${bash(commands)}` : bash(commands);
}

function bash(commands: readonly Words[]): string {
  const ofWords = (words: readonly string[]): string => `$(compgen -W "${words.join(' ')}" -- "$word")`;
  const files = '$(compgen -f -- "$word")';
  const answer = (...parts: string[]): string => `COMPREPLY=(${parts.join(' ')}); return`;
  const ofOption = Object.entries(values).map(([option, words]) => {
    // A data set is a toy or a file.
    const found = option === '--data' ? [ofWords(words), files] : [ofWords(words)];
    return `    ${option}) ${answer(...found)} ;;`;
  });
  const ofCommand = commands.map(({ name, options }) => {
    const words = options.map(({ long }) => long).join(' ');
    const isThis = name === 'completion';
    return `    ${name}) ${isThis ? answer(ofWords(shells)) : `options="${words}"`} ;;`;
  });
  const first = [...commands.map(({ name }) => name), '--help', '--version'];
  return `_liouville() {
  local word="\${COMP_WORDS[COMP_CWORD]}" options=""
  if [ "$COMP_CWORD" -eq 1 ]; then ${answer(ofWords(first))}; fi
  case "\${COMP_WORDS[COMP_CWORD-1]}" in
${ofOption.join('\n')}
  esac
  case "\${COMP_WORDS[1]}" in
${ofCommand.join('\n')}
  esac
  case "$word" in
    -*) COMPREPLY=($(compgen -W "$options" -- "$word")) ;;
    *) COMPREPLY=(${files}) ;;
  esac
}
complete -o filenames -F _liouville liouville
`;
}

function fish(commands: readonly Words[]): string {
  const lines = commands.flatMap(({ name, description, options }) => [
    `complete -c liouville -f -n __fish_use_subcommand -a ${name} -d ${quoted(description)}`,
    ...options.map((option) => {
      const words = values[option.long!];
      const argument = option.required || option.optional ? ' -r' : '';
      const choices = words === undefined ? '' : ` -a ${quoted(words.join(' '))}`;
      const when = quoted(`__fish_seen_subcommand_from ${name}`);
      const what = quoted(option.description);
      return `complete -c liouville -n ${when} -l ${option.long!.slice(2)}${argument}${choices} -d ${what}`;
    }),
  ]);
  const ofThis = `complete -c liouville -f -n '__fish_seen_subcommand_from completion' -a '${shells.join(' ')}'`;
  return `${[...lines, ofThis].join('\n')}\n`;
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
