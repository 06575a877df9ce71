import { main } from '../../src/cli/program.ts';

/** How a command ended. */
export interface Ended {
  status: number;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  env?: Record<string, string>;
  signal?: AbortSignal;
  /** Whether stderr is a terminal. */
  terminal?: boolean;
}

/** Runs `liouville` in this process. */
export async function liouville(
  argv: readonly string[],
  { env = {}, signal = new AbortController().signal, terminal = false }: RunOptions = {},
): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  const status = await main(argv, {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text), isTTY: terminal, columns: 60 },
    env,
    signal,
  });
  return { status, stdout, stderr };
}
