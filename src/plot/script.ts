/**
 * What the report does in the reader's browser: it draws the figures in the colours of the page, and again when
 * those change (light, dark, paper). Plain JavaScript for the global `Plotly`.
 */
export const script = `
(() => {
  const figures = JSON.parse(document.getElementById('figure-data').textContent);
  const places = [...document.querySelectorAll('[data-figure]')];
  const dark = matchMedia('(prefers-color-scheme: dark)');

  const colours = (isDark) => {
    const text = isDark ? '#e6edf3' : '#1b1f24';
    const line = isDark ? '#3d444d' : '#d0d7de';
    const axis = { gridcolor: line, linecolor: line, zerolinecolor: line };
    return { paper_bgcolor: 'rgba(0,0,0,0)', plot_bgcolor: 'rgba(0,0,0,0)', font: { color: text, size: 12 },
      modebar: { bgcolor: 'rgba(0,0,0,0)', color: line, activecolor: text }, axis };
  };
  const coloured = (layout, isDark) => {
    const { axis, ...page } = colours(isDark);
    return { ...layout, ...page, xaxis: { ...layout.xaxis, ...axis }, yaxis: { ...layout.yaxis, ...axis } };
  };
  const recolour = (isDark) =>
    Promise.all(places.map((place) => {
      const { axis, ...page } = colours(isDark);
      const changes = { ...page };
      for (const side of ['xaxis', 'yaxis']) {
        for (const [name, value] of Object.entries(axis)) changes[side + '.' + name] = value;
      }
      return Plotly.relayout(place, changes);
    }));

  for (const place of places) {
    const { data, layout } = figures[Number(place.dataset.figure)];
    const isDark = dark.matches && !matchMedia('print').matches;
    Plotly.newPlot(place, data, coloured(layout, isDark), {
      responsive: true, displaylogo: false, modeBarButtons: [['toImage', 'zoom2d', 'pan2d', 'resetScale2d']],
    });
  }
  dark.addEventListener('change', () => recolour(dark.matches));
  addEventListener('beforeprint', () => {
    for (const details of document.querySelectorAll('details')) details.open = true;
    recolour(false);
  });
  addEventListener('afterprint', () => recolour(dark.matches));
})();
`;
