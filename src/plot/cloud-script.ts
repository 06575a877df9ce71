/**
 * What a page of clouds does in the reader's browser: it draws the clouds, turns those of a scene together, and plays.
 * Plain JavaScript for the global `Plotly`.
 */
export const cloudScript = `
(() => {
  const { up, scenes } = JSON.parse(document.getElementById('clouds').textContent);
  const axes = ['x', 'y', 'z'];
  const numbers = (text) => {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const view = new DataView(bytes.buffer);
    return Int16Array.from({ length: bytes.length / 2 }, (_, i) => view.getInt16(2 * i, true));
  };
  const axis = { range: [-32767, 32767], visible: false };
  const eye = up === 'z' ? { x: 1.1, y: -1.3, z: 0.7 } : up === 'y' ? { x: 1, y: 0.6, z: 1.4 } : { x: 0.6, y: 1, z: 1.4 };
  const camera = { eye, up: Object.fromEntries(axes.map((name) => [name, name === up ? 1 : 0])) };

  scenes.forEach(({ step, pace, isWay, views }, index) => {
    const section = document.getElementById('scene-' + index);
    const places = [...section.querySelectorAll('.cloud')];
    const clouds = views.map((view) => view.map((planes) => planes.map(numbers)));
    const at = (view, number) => clouds[view][Math.min(number, clouds[view].length - 1)];
    const height = axes.indexOf(up);
    const colours = (view, number) => at(view, isWay ? clouds[view].length - 1 : number)[height];

    places.forEach((place, view) => {
      const [x, y, z] = at(view, 0);
      const marker = { size: 2, color: colours(view, 0), colorscale: 'Viridis' };
      const trace = { type: 'scatter3d', mode: 'markers', hoverinfo: 'skip', x, y, z, marker };
      const clear = 'rgba(0,0,0,0)';
      const scene = { xaxis: axis, yaxis: axis, zaxis: axis, aspectmode: 'cube', camera, bgcolor: clear };
      const layout = { margin: { l: 0, r: 0, t: 0, b: 0 }, paper_bgcolor: clear, scene };
      Plotly.newPlot(place, [trace], layout, { responsive: true, displaylogo: false, displayModeBar: false });
    });

    // What is turned in one view turns the others.
    let turning = false;
    const follow = (place) => async (change) => {
      const turned = change['scene.camera'];
      if (turned === undefined || turning) return;
      turning = true;
      const others = places.filter((other) => other !== place);
      await Promise.all(others.map((other) => Plotly.relayout(other, { 'scene.camera': turned })));
      turning = false;
    };
    for (const place of places) {
      place.on('plotly_relayout', follow(place));
      place.on('plotly_relayouting', follow(place));
    }

    const player = section.querySelector('.player');
    if (player === null) return;
    const button = player.querySelector('button');
    const slider = player.querySelector('input');
    const output = player.querySelector('output');
    const show = () => {
      const number = Number(slider.value);
      output.textContent = step + ' ' + (number + 1) + ' of ' + (Number(slider.max) + 1);
      slider.setAttribute('aria-valuetext', output.textContent);
      return Promise.all(places.map((place, view) => {
        const [x, y, z] = at(view, number);
        return Plotly.restyle(place, { x: [x], y: [y], z: [z], 'marker.color': [colours(view, number)] });
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
      if (slider.value === slider.max) {
        slider.value = 0;
        await show();
      }
      while (playing && slider.value !== slider.max) {
        await new Promise((done) => setTimeout(done, 1000 / pace));
        if (!playing) break;
        slider.value = Number(slider.value) + 1;
        await show();
      }
      stop();
    };
    button.addEventListener('click', () => (playing ? stop() : play()));
    slider.addEventListener('input', () => {
      stop();
      show();
    });
  });
})();
`;
