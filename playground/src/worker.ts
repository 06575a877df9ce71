import type { Answer, Request } from './messages.ts';
import { Trainer } from './trainer.ts';

/** As much of a worker's global scope as is used, so that the types of pages and workers do not meet. */
interface Scope {
  addEventListener(type: 'message', listener: (event: { data: Request }) => void): void;
  postMessage(answer: Answer): void;
}

const scope = globalThis as unknown as Scope;

/** Milliseconds from one report to the next, and from one picture to the next. */
const REPORT_EVERY = 100;
const PICTURE_EVERY = 600;

let trainer: Trainer | null = null;
let isTraining = false;
/** Each start of training takes the place of the loop before it. */
let turn = 0;

scope.addEventListener('message', ({ data: request }) => {
  switch (request.kind) {
    case 'start':
      turn += 1;
      isTraining = false;
      trainer = new Trainer(request.flow, request.engine);
      break;
    case 'points':
      if (trainer !== null) trainer.points = request.points;
      break;
    case 'train':
      if (!isTraining) void train();
      break;
    case 'pause':
      isTraining = false;
      break;
    case 'save':
      if (trainer !== null) scope.postMessage({ kind: 'saved', bytes: trainer.save() });
      break;
    default:
      request satisfies never;
  }
});

/** Whether the loop with this number may take another step; messages change it between two. */
function goesOn(mine: number): boolean {
  return isTraining && mine === turn;
}

async function train(): Promise<void> {
  const current = trainer;
  if (current === null) return;
  isTraining = true;
  turn += 1;
  const mine = turn;
  let [reported, pictured] = [0, 0];
  try {
    while (goesOn(mine)) {
      const progress = await current.step();
      const now = performance.now();
      if (mine === turn && now - reported > REPORT_EVERY) {
        reported = now;
        scope.postMessage({ kind: 'progress', progress });
      }
      if (mine === turn && now - pictured > PICTURE_EVERY) {
        scope.postMessage({ kind: 'picture', picture: await current.picture() });
        pictured = performance.now();
      }
    }
    if (mine === turn) scope.postMessage({ kind: 'picture', picture: await current.picture() });
  } catch (error) {
    isTraining = false;
    scope.postMessage({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  }
}
