import type { FlowName, PageEngine } from './menu.ts';
import type { Picture } from './picture.ts';
import type { Progress } from './trainer.ts';

/** What the page tells a worker. */
export type Request =
  | { readonly kind: 'start'; readonly flow: FlowName; readonly engine: PageEngine }
  | { readonly kind: 'points'; readonly points: readonly (readonly [number, number])[] }
  | { readonly kind: 'train' }
  | { readonly kind: 'pause' }
  | { readonly kind: 'save' };

/** What a worker tells the page. */
export type Answer =
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'picture'; readonly picture: Picture }
  | { readonly kind: 'saved'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'failed'; readonly message: string };
