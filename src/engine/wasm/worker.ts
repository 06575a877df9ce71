/** The program of a worker, in Node and in browsers: scripts/build-wasm.mjs makes one script of it. */
import { buffersOf } from './messages.ts';
import type { Reply, Request, Start } from './messages.ts';
import { nodeModule } from './platform.ts';
import { server } from './serve.ts';

type Message = Start | Request;

interface Port {
  postMessage(reply: Reply, transfer: ArrayBuffer[]): void;
  on?(event: 'message', listener: (message: Message) => void): void;
  addEventListener?(type: 'message', listener: (event: { data: Message }) => void): void;
}

const threads = nodeModule<{ readonly parentPort: Port | null }>('node:worker_threads');
const port = threads?.parentPort ?? (globalThis as unknown as Port);

const send = (reply: Reply): void =>
  port.postMessage(reply, 'arrays' in reply ? buffersOf(reply.arrays) : []);

let answer: ((request: Request) => Reply) | undefined;

function receive(message: Message): void {
  if ('module' in message) {
    server(message.module).then(
      (made) => {
        answer = made;
        send({ ready: true });
      },
      (error: unknown) => send({ broken: String(error) }),
    );
  } else if (answer !== undefined) {
    send(answer(message));
  }
}

if (port.on === undefined) port.addEventListener?.('message', ({ data }) => receive(data));
else port.on('message', receive);
