/**
 * What the report does in the reader's browser: it draws the figures in the colours of the page, and again when
 * those change (light, dark, paper); it switches tabs and moves points along their way. Plain JavaScript for the
 * global `Plotly`.
 */
export const script = `
(() => {
  const figures = JSON.parse(document.getElementById('figure-data').textContent);
  const places = [...document.querySelectorAll('[data-figure]')];
  const figureAt = (place) => figures[Number(place.dataset.figure)];
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const paper = matchMedia('print');

  // Colours
  const colours = () => {
    const isDark = dark.matches && !paper.matches;
    const text = isDark ? '#e6edf3' : '#1b1f24';
    const line = isDark ? '#3d444d' : '#d0d7de';
    return {
      page: { paper_bgcolor: 'rgba(0,0,0,0)', plot_bgcolor: 'rgba(0,0,0,0)', font: { color: text, size: 12 },
        modebar: { bgcolor: 'rgba(0,0,0,0)', color: line, activecolor: text } },
      axis: { gridcolor: line, linecolor: line, zerolinecolor: line },
    };
  };
  const axesOf = (layout) => Object.keys(layout).filter((key) => /^[xy]axis\\d*$/.test(key));
  const coloured = (layout) => {
    const { page, axis } = colours();
    const axes = axesOf(layout).map((key) => [key, { ...layout[key], ...axis }]);
    return { ...layout, ...page, ...Object.fromEntries(axes) };
  };
  // A part of the plane is as high as its width asks for, within reason.
  const heightOf = (place, { xaxis, yaxis, margin, height }) => {
    if (yaxis.scaleanchor === undefined) return height;
    const ratio = (yaxis.range[1] - yaxis.range[0]) / (xaxis.range[1] - xaxis.range[0]);
    const width = place.clientWidth - margin.l - margin.r;
    return Math.round(width * Math.min(Math.max(ratio, 0.5), 1.5)) + margin.t + margin.b;
  };
  const restyle = () => {
    const { page, axis } = colours();
    for (const place of places) {
      const changes = { ...page, height: heightOf(place, figureAt(place).layout) };
      for (const side of axesOf(figureAt(place).layout)) {
        for (const [name, value] of Object.entries(axis)) changes[side + '.' + name] = value;
      }
      // On paper nothing is measured again by itself, and the columns are others.
      if (paper.matches) changes.width = place.clientWidth;
      else Object.assign(changes, { width: null, autosize: true });
      Plotly.relayout(place, changes);
    }
  };

  for (const place of places) {
    const { data, layout } = figureAt(place);
    Plotly.newPlot(place, data, { ...coloured(layout), height: heightOf(place, layout) }, {
      responsive: true, displaylogo: false, modeBarButtons: [['toImage', 'zoom2d', 'pan2d', 'resetScale2d']],
    });
  }
  dark.addEventListener('change', restyle);
  paper.addEventListener('change', () => {
    if (paper.matches) for (const details of document.querySelectorAll('details')) details.open = true;
    restyle();
  });

  // Tabs: arrows, Home and End move between them, as in every tab list.
  for (const list of document.querySelectorAll('[role=tablist]')) {
    const tabs = [...list.querySelectorAll('[role=tab]')];
    const choose = (chosen) => {
      for (const tab of tabs) {
        const isChosen = tab === chosen;
        tab.setAttribute('aria-selected', String(isChosen));
        tab.tabIndex = isChosen ? 0 : -1;
        document.getElementById(tab.getAttribute('aria-controls')).classList.toggle('closed', !isChosen);
      }
    };
    list.addEventListener('click', (event) => {
      const tab = event.target.closest('[role=tab]');
      if (tab !== null) choose(tab);
    });
    list.addEventListener('keydown', (event) => {
      const at = tabs.indexOf(document.activeElement);
      const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
      if (at < 0 || next === undefined) return;
      event.preventDefault();
      const tab = tabs[(next + tabs.length) % tabs.length];
      choose(tab);
      tab.focus();
    });
  }

  // Players: all panels of a section show the same part of the way.
  const SECONDS = 5;
  const numbers = ({ bdata }) => {
    const bytes = Uint8Array.from(atob(bdata), (letter) => letter.charCodeAt(0));
    const view = new DataView(bytes.buffer);
    return Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
  };
  const between = (a, b, part) => a.map((value, i) => value + part * (b[i] - value));
  for (const player of document.querySelectorAll('[data-player]')) {
    const button = player.querySelector('button');
    const slider = player.querySelector('input');
    const output = player.querySelector('output');
    const panels = places.filter((place) => figureAt(place).stops !== undefined && player.parentElement.contains(place))
      .map((place) => ({
        place,
        last: figureAt(place).data.length - 1,
        label: place.parentElement.querySelector('.stop'),
        stops: figureAt(place).stops.map(({ label, x, y }) => ({ label, x: numbers(x), y: numbers(y) })),
      }));
    const show = (part) => {
      const percent = Math.round(100 * part);
      output.textContent = percent + ' %';
      slider.setAttribute('aria-valuetext', percent + ' % of the way from the latent space to the data');
      return Promise.all(panels.map(({ place, last, label, stops }) => {
        const at = part * (stops.length - 1);
        const from = stops[Math.min(Math.floor(at), stops.length - 2)];
        const to = stops[stops.indexOf(from) + 1];
        const rest = at - stops.indexOf(from);
        label.textContent = rest >= 1 ? to.label : from.label;
        const data = [{ x: between(from.x, to.x, rest), y: between(from.y, to.y, rest) }];
        const still = { mode: 'immediate', transition: { duration: 0 }, frame: { duration: 0, redraw: false } };
        return Plotly.animate(place, { data, traces: [last] }, still).catch(() => undefined);
      }));
    };
    let playing = false;
    const stop = () => {
      playing = false;
      button.textContent = 'Play';
    };
    const play = async () => {
      playing = true;
      button.textContent = 'Pause';
      if (Number(slider.value) >= Number(slider.max)) slider.value = 0;
      let before = performance.now();
      while (playing && Number(slider.value) < Number(slider.max)) {
        const now = await new Promise(requestAnimationFrame);
        const moved = (Math.max(0, now - before) / 1000 / SECONDS) * Number(slider.max);
        before = now;
        // A slider keeps whole steps: what is less waits for the next frame.
        slider.value = Number(slider.value) + Math.max(1, moved);
        await show(Number(slider.value) / Number(slider.max));
      }
      stop();
    };
    button.addEventListener('click', () => (playing ? stop() : play()));
    slider.addEventListener('input', () => {
      stop();
      show(Number(slider.value) / Number(slider.max));
    });
    show(Number(slider.value) / Number(slider.max));
  }
})();
`;
