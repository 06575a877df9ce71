import type { Reply, Request } from './messages.ts';
import { server } from './serve.ts';
import type { Program } from './module.ts';
import { nodeModule } from './platform.ts';
import type { WasmModule } from './platform.ts';

/** Who answers requests: a worker, or this thread between other work. */
export interface Thread {
  /** Memory in `transfer` moves along, and is gone here. */
  post(request: Request, transfer: ArrayBuffer[]): void;
  /** There is nothing to do for now: this alone must not keep the process alive. */
  idle(): void;
  end(): void;
}

export interface Listeners {
  readonly reply: (reply: Reply) => void;
  /** It has ended, or could not begin. */
  readonly lost: (reason: string) => void;
}

/** What is used of `Worker` of node:worker_threads. */
interface NodeWorker {
  postMessage(message: unknown, transfer?: ArrayBuffer[]): void;
  on(event: 'message', listener: (reply: Reply) => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
  on(event: 'exit', listener: (code: number) => void): void;
  ref(): void;
  unref(): void;
  terminate(): Promise<number>;
}

interface WorkerThreads {
  readonly Worker: new (code: string, options: { eval: true; name: string; stdout: boolean }) => NodeWorker;
}

/** What is used of the `Worker` of browsers. */
interface WebWorker {
  postMessage(message: unknown, transfer?: ArrayBuffer[]): void;
  addEventListener(type: 'message', listener: (event: { data: Reply }) => void): void;
  addEventListener(
    type: 'error',
    listener: (event: { message?: string; preventDefault(): void }) => void,
  ): void;
  terminate(): void;
}

interface Web {
  readonly Worker?: new (url: string, options: { name: string }) => WebWorker;
}

const name = 'liouville';

/** Starts a worker of the platform; where there are none, this thread does the work. */
export function startWorker(program: Program, listeners: Listeners): Thread {
  const web = globalThis as Web;
  const threads = nodeModule<WorkerThreads>('node:worker_threads');
  if (threads !== undefined) return nodeThread(threads, program, listeners);
  if (web.Worker === undefined || typeof URL.createObjectURL !== 'function')
    return ownThread(program.module, listeners);
  return webThread(web.Worker, program, listeners);
}

function nodeThread(
  { Worker }: WorkerThreads,
  { module, script }: Program,
  { reply, lost }: Listeners,
): Thread {
  const worker = new Worker(script, { eval: true, name, stdout: false });
  worker.on('message', reply);
  worker.on('error', (error) => lost(error.message));
  worker.on('exit', (code) => lost(`its thread ended with ${code}`));
  worker.postMessage({ module });
  return {
    post(request, transfer) {
      worker.ref();
      worker.postMessage(request, transfer);
    },
    idle: () => worker.unref(),
    end: () => void worker.terminate(),
  };
}

/**
 * A worker from a Blob: the page needs no file beside it and no headers. Where a content security policy forbids
 * that (worker-src blob:), this thread does the work.
 */
function webThread(
  Worker: NonNullable<Web['Worker']>,
  { module, script }: Program,
  { reply, lost }: Listeners,
): Thread {
  const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  const instead = (): Thread => ownThread(module, { reply, lost });
  let worker: WebWorker;
  try {
    worker = new Worker(url, { name });
  } catch {
    URL.revokeObjectURL(url);
    return instead();
  }
  let own: Thread | undefined;
  let begun = false;
  worker.addEventListener('message', ({ data }) => {
    if (!begun) URL.revokeObjectURL(url);
    begun = true;
    reply(data);
  });
  worker.addEventListener('error', (event) => {
    event.preventDefault();
    worker.terminate();
    if (begun) return lost(event.message ?? 'unknown reason');
    URL.revokeObjectURL(url);
    own = instead();
  });
  worker.postMessage({ module });
  return {
    post(request, transfer) {
      if (own === undefined) worker.postMessage(request, transfer);
      else own.post(request, transfer);
    },
    idle: () => undefined,
    end() {
      worker.terminate();
      own?.end();
    },
  };
}

/** Does the work on this thread, a request at a time. */
function ownThread(module: WasmModule, { reply, lost }: Listeners): Thread {
  let ended = false;
  let answer: ((request: Request) => Reply) | undefined;
  server(module).then(
    (made) => {
      answer = made;
      if (!ended) reply({ ready: true });
    },
    (error: unknown) => lost(String(error)),
  );
  return {
    post: (request) =>
      void setTimeout(() => {
        if (!ended && answer !== undefined) reply(answer(request));
      }, 0),
    idle: () => undefined,
    end() {
      ended = true;
    },
  };
}
