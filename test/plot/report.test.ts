import { describe, expect, it } from 'vitest';
import { baseLayout, packed, reportHtml } from '../../src/plot/index.ts';
import type { FigureSection } from '../../src/plot/index.ts';
import { failedResult, modelResult, results } from './example.ts';

const hostile = `x</script><script>alert("1")</script><img src=y onerror='z'>.csv`;
const section: FigureSection = {
  id: 'samples',
  title: 'Samples',
  text: `Rows of ${hostile}`,
  size: 'small',
  groups: [
    {
      label: 'samples',
      figures: [
        {
          title: hostile,
          description: `Rows of ${hostile}`,
          figure: { data: [{ type: 'scatter', name: hostile }], layout: baseLayout() },
        },
      ],
    },
  ],
};

describe('reportHtml', () => {
  const page = reportHtml(
    results([modelResult({ name: hostile }), failedResult('nice', `failed on ${hostile}`)], hostile),
    [section],
    'window.Plotly = "</script>";',
  );

  it('lets nothing from the data become markup', () => {
    // The page's own elements: one JSON island, plotly, and the script that draws.
    expect(page.match(/<script/g)).toHaveLength(3);
    expect(page.match(/<\/script/g)).toHaveLength(3);
    expect(page).not.toMatch(/<img/);
    expect(page).toContain('&lt;/script&gt;&lt;script&gt;alert(&quot;1&quot;)');
  });

  it('needs nothing from elsewhere', () => {
    expect(page).not.toMatch(/(src|href)="(?!#|data:,")/);
    expect(page).not.toMatch(/@import|url\(|https?:/);
  });

  it('holds the figures as JSON, in the order of their places', () => {
    const json = /<script type="application\/json" id="figure-data">([^<]*)<\/script>/.exec(page)![1]!;
    expect(JSON.parse(json)).toEqual([section.groups[0]!.figures[0]!.figure]);
    expect(page).toMatch(/data-figure="0"/);
    expect(page).toMatch(/aria-label="Rows of x&lt;/);
  });

  it('says why a model failed', () => {
    expect(page).toMatch(/nice failed: failed on x&lt;/);
  });

  it('tells the settings and versions', () => {
    const text = page.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
    for (const fact of ['learningRate 0.02', 'quadrature.tolerance 0.0001', 'clipNorm null', 'node 20.0.0']) {
      expect(text).toContain(fact);
    }
  });

  it('stars the best of a line', () => {
    const better = modelResult({ name: 'maf', inverseError: { max: 1e-6, median: 1e-7 } });
    const text = reportHtml(results([modelResult(), better]), [], '');
    expect(text).toMatch(/1\.0e-6 \(1\.0e-7\)\s*<span role="img" aria-label="best">★/);
    expect(text).not.toMatch(/1\.2e-5 \(3\.2e-7\)\s*<span/);
  });

  it('names the best model, the floor of the two-sample checks, and the differences of all pairs', () => {
    const worse = modelResult({ name: 'maf', testLogLikelihood: { mean: -3, standardError: 0.1 } });
    const difference = {
      a: 'ffjord',
      b: 'maf',
      mean: 0.5433,
      standardError: 0.0111,
      seedStandardError: 0.02,
      pValue: 1e-12,
    };
    const text = reportHtml(results([modelResult(), worse], 'moons', [difference]), [], '')
      .replaceAll(/<[^>]*>/g, ' ')
      .replaceAll(/\s+/g, ' ');
    expect(text).toContain('Best on the test rows: ffjord');
    expect(text).toContain('energy distance of 0.0011 (p = 0.4)');
    expect(text).toContain('ffjord − maf 0.5433 ± 0.0111 0.0200 &lt; 0.001');
    expect(text).toContain('liouville compare --data moons');
  });

  it('puts groups behind tabs and stops below a player', () => {
    const [figure] = section.groups[0]!.figures;
    const stop = { label: 'latent space', x: packed([1]), y: packed([2]) };
    const moving = { ...figure!, stops: [stop, { ...stop, label: hostile }] };
    const groups = [
      { label: 'first', figures: [moving] },
      { label: hostile, figures: [figure!] },
    ];
    const text = reportHtml(results([modelResult()]), [{ ...section, groups, scale: 0.25 }], '');
    expect(text.match(/role="tab"/g)).toHaveLength(2);
    expect(text.match(/role="tabpanel"/g)).toHaveLength(2);
    expect(text.match(/class="panel closed"/g)).toHaveLength(1);
    expect(text).toMatch(/data-player="samples"/);
    expect(text).toMatch(/Colour scale from 0 to 0.25/);
    expect(text.match(/<script/g)).toHaveLength(3);
    const json = /id="figure-data">([^<]*)<\/script>/.exec(text)![1]!;
    expect((JSON.parse(json) as { stops?: unknown[] }[]).map(({ stops }) => stops?.length)).toEqual([
      2,
      undefined,
    ]);
  });

  it('has its sections in the contents', () => {
    const linked = [...page.matchAll(/<li><a href="#([a-z-]+)">/g)].map((match) => match[1]);
    expect(linked).toEqual(['results', 'samples', 'settings']);
    for (const id of linked) expect(page).toContain(`<section id="${id}" aria-labelledby="${id}-title">`);
  });
});
