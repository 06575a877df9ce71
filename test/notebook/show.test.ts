import { describe, expect, it, vi } from 'vitest';
import { createModel, modelNames, realNVP } from '../../src/index.ts';
import { bundleOf, currentHost, progress, show, summary } from '../../src/notebook/index.ts';
import type { Host, HostGlobals, MimeBundle } from '../../src/notebook/index.ts';
import type { StepEvent } from '../../src/train/index.ts';

const figure = { data: [{ type: 'scatter', mode: 'markers', x: [0, 1], y: [0, 1] }], layout: {} };
const silent = { log: () => undefined };

/** A host that keeps what each of its places was given. */
function recorder(): { host: Host; places: MimeBundle[][] } {
  const places: MimeBundle[][] = [];
  const open: Host['open'] = () => {
    const given: MimeBundle[] = [];
    places.push(given);
    return { put: async (bundle) => void given.push(bundle) };
  };
  return { host: { name: 'console', open }, places };
}

describe('currentHost', () => {
  it('tells kernels, pages and consoles apart, and a kernel from its runtime', () => {
    const jupyter = { broadcast: async () => undefined };
    const page = { body: element(), createElement: element };
    const tslab = { require: () => ({ newDisplay: () => ({ raw: () => undefined }) }) };
    const noKernel = {
      get jupyter(): never {
        throw new Error('not in a notebook');
      },
    };
    const name = (globals: Partial<HostGlobals>): string => currentHost({ console: silent, ...globals }).name;
    expect(name({ Deno: { jupyter } })).toBe('deno');
    expect(name({ Deno: noKernel })).toBe('console');
    expect(name({ __tslab__: tslab })).toBe('tslab');
    expect(name({ document: page })).toBe('browser');
    expect(currentHost().name).toBe('console');
  });

  it('updates its own output in Deno', async () => {
    const broadcast = vi.fn<(type: string, content: object) => Promise<void>>(async () => undefined);
    const host = currentHost({ Deno: { jupyter: { broadcast } }, console: silent });
    const [first, second] = [host.open(), host.open()];
    await first.put({ 'text/plain': 'a' });
    await second.put({ 'text/plain': 'b' });
    await first.put({ 'text/plain': 'c' });
    expect(broadcast.mock.calls.map(([type]) => type)).toEqual([
      'display_data',
      'display_data',
      'update_display_data',
    ]);
    const ids = broadcast.mock.calls.map(
      ([, content]) => (content as { transient: { display_id: string } }).transient.display_id,
    );
    expect(ids[0]).toBe(ids[2]);
    expect(ids[0]).not.toBe(ids[1]);
  });

  it('gives tslab, which shows one form, the picture of a figure and the HTML of a table', async () => {
    const raw = vi.fn<(type: string, content: string) => void>();
    const host = currentHost({
      __tslab__: { require: () => ({ newDisplay: () => ({ raw }) }) },
      console: silent,
    });
    await show(figure, host);
    await show([{ model: 'maf', loss: 2.5 }], host);
    expect(raw.mock.calls.map(([type]) => type)).toEqual(['image/svg+xml', 'text/html']);
  });

  it('puts things at the end of a page, and new ones in their place', async () => {
    const body = element();
    const host = currentHost({ document: { body, createElement: element }, console: silent });
    const place = host.open();
    expect(body.children).toHaveLength(0);
    await place.put({ 'text/plain': 'a' });
    await place.put({ 'text/plain': 'b', 'text/html': '<b>b</b>' });
    await show(figure, host);
    expect(body.children.map(({ innerHTML }) => innerHTML.slice(0, 4))).toEqual(['<b>b', '<svg']);
  });

  it('prints text on a console', async () => {
    const log = vi.fn<(text: string) => void>();
    await show([{ model: 'maf', loss: 2.5, note: null }], currentHost({ console: { log } }));
    expect(log.mock.calls).toEqual([['model  loss  note\n-----  ----  ----\nmaf     2.5     –']]);
  });
});

describe('bundleOf', () => {
  it('has a picture and the interactive form of a figure', () => {
    const bundle = bundleOf({ title: 'points', description: '', figure });
    expect(bundle['text/plain']).toBe('[points: 1 trace]');
    expect(bundle['image/svg+xml']).toMatch(/^<svg .*<\/svg>$/s);
    expect(bundle['application/vnd.plotly.v1+json']).toMatchObject({ data: figure.data });
  });

  it('escapes what stands in a table', () => {
    const html = bundleOf([{ '<i>': '<script>' }])['text/html']!;
    expect(html).not.toMatch(/<script>|<i>/);
  });

  it('shows the first rows of a matrix and counts the rest', () => {
    const text = bundleOf({ data: new Float64Array(300), rows: 100, cols: 3 })['text/plain'];
    expect(text.split('\n')).toHaveLength(11);
    expect(text).toContain('100 × 3, the first of them');
  });

  it.each([undefined, null, 3, 'text', {}])('refuses %j', async (value) => {
    await expect(show(value as never)).rejects.toThrow(expect.objectContaining({ code: 'invalid-argument' }));
  });
});

describe('summary', () => {
  it.each(modelNames)('counts all parameters of %s', (name) => {
    const flow = createModel(name, { dim: 3 });
    const counted = summary(flow).reduce((sum, { parameters }) => sum + Number(parameters), 0);
    expect(counted).toBe(flow.parameters.count);
    expect(bundleOf(flow)['text/plain']).toContain(`${flow.name}: 3 features`);
  });

  it('has a row for each layer', () => {
    expect(summary(realNVP({ dim: 2, layers: 3 })).length).toBeGreaterThanOrEqual(3);
  });
});

describe('progress', () => {
  const event = (step: number, secondsLeft: number): StepEvent => ({
    step,
    loss: 3 - step / 100,
    seconds: step / 100,
    secondsPerStep: 0.01,
    secondsLeft,
    learningRate: 1e-3,
  });

  it('shows the first step and the last, in one place, and no more often than asked', () => {
    const { host, places } = recorder();
    const onStep = progress({ title: 'maf', every: 3600, host });
    for (let step = 1; step <= 2000; step++) onStep(event(step, 20 - step / 100));
    expect(places).toHaveLength(1);
    expect(places[0]!.map((bundle) => bundle['text/plain'])).toEqual([
      'maf: step 1 · loss 2.99 · 20 s left',
      'maf: step 2000 · loss -17 · done in 20 s',
    ]);
    const line = /d="(M[^"]*)"[^>]*stroke="#0072b2"/.exec(places[0]![1]!['image/svg+xml']!)![1]!;
    expect(line.split('L').length).toBeLessThan(410);
    expect(line.split('L').length).toBeGreaterThan(100);
  });
});

interface StandIn {
  className: string;
  innerHTML: string;
  textContent: string | null;
  children: StandIn[];
  append(child: StandIn): void;
}

/** As much of an element as `show` uses. */
function element(): StandIn {
  const children: StandIn[] = [];
  return {
    className: '',
    innerHTML: '',
    textContent: '',
    children,
    append: (child) => void children.push(child),
  };
}
