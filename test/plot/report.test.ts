import { describe, expect, it } from 'vitest';
import { baseLayout, reportHtml } from '../../src/plot/index.ts';
import type { FigureSection } from '../../src/plot/index.ts';
import { failedResult, modelResult, results } from './example.ts';

const hostile = `x</script><script>alert("1")</script><img src=y onerror='z'>.csv`;
const section: FigureSection = {
  id: 'samples',
  title: 'Samples',
  text: `Rows of ${hostile}`,
  size: 'small',
  figures: [
    {
      title: hostile,
      description: `Rows of ${hostile}`,
      figure: { data: [{ type: 'scatter', name: hostile }], layout: baseLayout() },
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
    expect(page).not.toMatch(/(src|href)="(?!#)/);
    expect(page).not.toMatch(/@import|url\(|https?:/);
  });

  it('holds the figures as JSON, in the order of their places', () => {
    const json = /<script type="application\/json" id="figure-data">([^<]*)<\/script>/.exec(page)![1]!;
    expect(JSON.parse(json)).toEqual([section.figures[0]!.figure]);
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

  it('stars the best of a column', () => {
    const better = modelResult({ name: 'maf', klToTruth: 0.01 });
    const text = reportHtml(results([modelResult(), better]), [], '');
    expect(text).toMatch(/0\.010\s*<span title="best">★/);
    expect(text).not.toMatch(/0\.063\s*<span title="best">★/);
  });

  it('has its sections in the contents', () => {
    const linked = [...page.matchAll(/<a href="#([a-z-]+)">/g)].map((match) => match[1]);
    expect(linked).toEqual(['results', 'samples', 'settings']);
    for (const id of linked) expect(page).toContain(`<section id="${id}">`);
  });
});
