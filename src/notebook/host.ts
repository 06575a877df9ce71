import type { MimeBundle } from './mime.ts';

/** The places that `show` knows: two kernels of Jupyter, a page, and whatever has a console. */
export type HostName = 'deno' | 'tslab' | 'browser' | 'console';

/** Where things are shown: a kernel of Deno or tslab, a page, or a terminal; see `currentHost`. */
export interface Host {
  readonly name: HostName;
  /** A new place below what was shown before. Nothing is seen of it until something is put there. */
  open(): Place;
}

/** One place of the output: what is put there takes the place of what was there. */
export interface Place {
  put(bundle: MimeBundle): Promise<void>;
}

/** As much of Deno's kernel as is used. */
interface DenoKernel {
  broadcast(type: string, content: object): Promise<void>;
}

/** As much of tslab as is used: it shows one form of a thing. */
interface TslabDisplay {
  raw(type: string, content: string): void;
}

/** As much of a page as is used, so that the types of a browser are not needed. */
interface PageElement {
  className: string;
  innerHTML: string;
  textContent: string | null;
  append(child: PageElement): void;
}

/** The globals by which hosts are told apart. */
export interface HostGlobals {
  readonly Deno?: { readonly jupyter?: DenoKernel };
  readonly __tslab__?: { require(name: string): { newDisplay(): TslabDisplay } };
  readonly document?: { readonly body: PageElement; createElement(name: string): PageElement };
  readonly console: { log(text: string): void };
}

/** The host that this program runs in. A kernel may set itself up after this module was loaded, so it is asked each time. */
export function currentHost(globals: HostGlobals = globalThis): Host {
  const { __tslab__: tslab, document } = globals;
  const kernel = kernelOf(globals);
  if (kernel !== undefined) return { name: 'deno', open: () => denoPlace(kernel) };
  if (tslab !== undefined)
    return { name: 'tslab', open: () => tslabPlace(tslab.require('tslab').newDisplay()) };
  if (document !== undefined) return { name: 'browser', open: () => pagePlace(document) };
  return {
    name: 'console',
    open: () => ({ put: async (bundle) => globals.console.log(bundle['text/plain']) }),
  };
}

/** Outside of a notebook, asking Deno for its kernel is an error. */
function kernelOf({ Deno }: HostGlobals): DenoKernel | undefined {
  try {
    return Deno?.jupyter;
  } catch {
    return undefined;
  }
}

function denoPlace(kernel: DenoKernel): Place {
  const id = crypto.randomUUID();
  let type = 'display_data';
  return {
    put: async (bundle) => {
      const now = type;
      type = 'update_display_data';
      await kernel.broadcast(now, { data: bundle, metadata: {}, transient: { display_id: id } });
    },
  };
}

function tslabPlace(display: TslabDisplay): Place {
  return {
    put: async (bundle) => {
      const [type, content] = richest(bundle);
      display.raw(type, content);
    },
  };
}

function pagePlace(document: NonNullable<HostGlobals['document']>): Place {
  let element: PageElement | undefined;
  return {
    put: async (bundle) => {
      if (element === undefined) {
        element = document.createElement('div');
        element.className = 'liouville-output';
        document.body.append(element);
      }
      const [type, content] = richest(bundle);
      if (type === 'text/plain') element.textContent = content;
      else element.innerHTML = content;
    },
  };
}

/** The best form for who shows only one, and runs no plotly. */
function richest(bundle: MimeBundle): [type: string, content: string] {
  const { 'image/svg+xml': svg, 'text/html': html } = bundle;
  if (svg !== undefined) return ['image/svg+xml', svg];
  return html === undefined ? ['text/plain', bundle['text/plain']] : ['text/html', html];
}
