import { LiouvilleError } from '../../errors.ts';
import type { Numbers } from './instance.ts';
import { Refusal } from './instance.ts';
import { buffersOf } from './messages.ts';
import type { Reply, Request } from './messages.ts';
import type { Program } from './module.ts';
import { startWorker } from './start-worker.ts';
import type { Listeners, Thread } from './start-worker.ts';

/** A program of a call: the number it has everywhere, and its code for those who do not know it. */
export interface ProgramCode {
  readonly number: number;
  readonly code: readonly Numbers[];
}

/** A call of a function of the module, to be made by whoever is free. */
export interface Task extends Pick<Request, 'name' | 'arrays'> {
  readonly programs: readonly ProgramCode[];
  /** The task may keep its arrays: nobody else needs them, and none of them is there twice. */
  readonly owned?: boolean;
}

interface Job extends Task {
  resolve(arrays: readonly (Numbers | null)[]): void;
  reject(reason: unknown): void;
}

/** What has been asked, as long as it can be taken back. */
export interface Pending {
  readonly result: Promise<readonly (Numbers | null)[]>;
  cancel(): void;
}

/** The most programs that a worker remembers. */
const mostPrograms = 64;

interface Member {
  thread: Thread | undefined;
  ready: boolean;
  job: Job | undefined;
  /** The programs that the worker knows, those that were used last at the end. */
  readonly known: Set<number>;
}

/**
 * Workers with an instance of the module each. They keep nothing of a call, so that one that is stopped or lost
 * can be replaced by another.
 */
export class Workers {
  readonly #program: () => Promise<Program>;
  readonly #members = new Set<Member>();
  readonly #queue: Job[] = [];

  /** @param program what the workers run; asked for when there is something to do. */
  constructor(program: () => Promise<Program>) {
    this.#program = program;
  }

  /** Hands a task to a worker that is free, or to a new one as long as there are fewer than `most`. */
  submit(task: Task, most: number): Pending {
    let job!: Job;
    const result = new Promise<readonly (Numbers | null)[]>((resolve, reject) => {
      job = { ...task, resolve, reject };
    });
    this.#queue.push(job);
    const free = [...this.#members].filter((member) => member.job === undefined).length;
    if (free < this.#queue.length && this.#members.size < most) this.#add();
    this.#advance();
    return { result, cancel: () => this.#cancel(job) };
  }

  /** Ends the workers that have nothing to do. */
  rest(): void {
    if (this.#queue.length > 0) return;
    for (const member of this.#members) if (member.job === undefined) this.#drop(member);
  }

  #add(): void {
    const member: Member = { thread: undefined, ready: false, job: undefined, known: new Set() };
    this.#members.add(member);
    const listeners: Listeners = {
      reply: (reply) => this.#hear(member, reply),
      lost: (reason) => this.#lose(member, reason),
    };
    this.#program()
      .then((program) => {
        if (this.#members.has(member)) member.thread = startWorker(program, listeners);
      })
      .catch((error: unknown) => {
        this.#lose(member, error instanceof Error ? error.message : String(error));
      });
  }

  #advance(): void {
    for (const member of this.#members) {
      if (this.#queue.length === 0) return;
      if (member.ready && member.job === undefined) this.#begin(member, this.#queue.shift()!);
    }
  }

  #begin(member: Member, job: Job): void {
    member.job = job;
    const programs = job.programs.filter(({ number }) => !member.known.has(number));
    const used = job.programs.map(({ number }) => number);
    const rest = [...member.known].filter((number) => !used.includes(number));
    const forget = rest.slice(0, Math.max(0, rest.length + used.length - mostPrograms));
    for (const number of [...forget, ...used]) member.known.delete(number);
    const { name, arrays, owned = false } = job;
    const codes = programs.map(({ number, code }) => [number, code] as const);
    member.thread!.post({ name, arrays, forget, programs: codes }, owned ? buffersOf(arrays) : []);
  }

  #hear(member: Member, reply: Reply): void {
    if ('ready' in reply) {
      member.ready = true;
      this.#goOn(member);
      return;
    }
    if ('broken' in reply) return this.#lose(member, reply.broken);
    const { job } = member;
    member.job = undefined;
    if (job !== undefined && 'refused' in reply) {
      job.reject(new Refusal(reply.refused.code, reply.refused.message));
    } else if (job !== undefined && 'arrays' in reply) {
      for (const { number } of job.programs) member.known.add(number);
      job.resolve(reply.arrays);
    }
    this.#goOn(member);
  }

  #goOn(member: Member): void {
    this.#advance();
    if (member.job === undefined) member.thread?.idle();
  }

  /** A worker has ended by itself. Its job fails; those that wait get another worker. */
  #lose(member: Member, reason: string): void {
    if (!this.#members.has(member)) return;
    this.#drop(member);
    const failure = new LiouvilleError(
      'engine-unavailable',
      `A worker of the engine 'wasm' has ended: ${reason}`,
    );
    // One that never began would not begin again.
    if (!member.ready && this.#members.size === 0) {
      for (const job of this.#queue.splice(0)) job.reject(failure);
    }
    member.job?.reject(failure);
    this.#replace();
  }

  #cancel(job: Job): void {
    const waiting = this.#queue.indexOf(job);
    if (waiting >= 0) this.#queue.splice(waiting, 1);
    for (const member of this.#members) if (member.job === job) this.#drop(member);
    job.reject(new Refusal('aborted', 'The work was stopped.'));
    this.#replace();
  }

  /** What waits must not wait for nobody. */
  #replace(): void {
    if (this.#queue.length > 0 && this.#members.size === 0) this.#add();
  }

  #drop(member: Member): void {
    this.#members.delete(member);
    member.thread?.end();
  }
}
