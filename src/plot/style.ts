/** The style sheet of the report: one column on a phone, light and dark, and paper. */
export const style = `
:root {
  color-scheme: light dark;
  --text: #1b1f24; --quiet: #57606a; --line: #d0d7de; --page: #ffffff; --panel: #f6f8fa; --accent: #0a5fb4;
}
@media (prefers-color-scheme: dark) {
  :root {
    --text: #e6edf3; --quiet: #9da7b3; --line: #3d444d; --page: #0d1117; --panel: #161b22; --accent: #6cb6ff;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1.5rem clamp(0.9rem, 4vw, 2.5rem) 4rem; max-width: 78rem;
  font: 16px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif;
  color: var(--text); background: var(--page); overflow-wrap: break-word;
}
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 0.3rem; }
h2 { font-size: 1.25rem; margin: 2.4rem 0 0.4rem; padding-top: 0.6rem; border-top: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 0 0 0.2rem; }
p { margin: 0.3rem 0 0.8rem; max-width: 48rem; }
.lead, .note, .meanings, small, figcaption, .failed { color: var(--quiet); }
.note, .meanings, figcaption, .failed { font-size: 0.875rem; }
.skip { position: absolute; left: -100vw; }
.skip:focus { left: 1rem; top: 0.5rem; padding: 0.4rem 0.8rem; background: var(--panel); z-index: 1; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: 0.2rem 1.2rem; padding: 0; margin: 0.6rem 0; }
a { color: var(--accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
section { position: relative; scroll-margin-top: 0.5rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 0.28rem 0.7rem; border-bottom: 1px solid var(--line); text-align: right; }
caption { text-align: left; font-weight: 600; padding: 0.3rem 0; }
.results, .differences { font-size: 0.9rem; }
.results td, .differences td { white-space: nowrap; }
.results th:first-child, .differences th:first-child { text-align: left; font-weight: 400; }
.results th:first-child { position: sticky; left: 0; background: var(--page); padding-left: 0; }
.results thead th { vertical-align: bottom; font-weight: 600; }
.results .group th { padding-top: 0.9rem; font-weight: 600; border-bottom-width: 2px; }
th small { display: inline; font-weight: 400; }
.swatch { display: inline-block; width: 0.7em; height: 0.7em; border-radius: 50%; margin-right: 0.4em; }
.best { background: var(--panel); }
.settings th { font-weight: 400; text-align: left; color: var(--quiet); padding-left: 0; }
.settings td { text-align: left; overflow-wrap: anywhere; }
.settings { margin-bottom: 1.2rem; font-size: 0.9rem; }
.side { display: grid; gap: 0 3rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); align-items: start; }
.command { overflow-x: auto; padding: 0.7rem; background: var(--panel); border-radius: 8px; white-space: pre-wrap; overflow-wrap: anywhere; }
.meanings { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)); gap: 0.5rem 1.5rem; }
details { margin: 0.3rem 0; }
summary { cursor: pointer; color: var(--quiet); font-size: 0.875rem; }
dt { font-weight: 600; }
dd { margin: 0; }
.figures { display: grid; gap: 1rem; }
.small { grid-template-columns: repeat(auto-fill, minmax(min(100%, 16rem), 1fr)); }
.large { grid-template-columns: repeat(auto-fit, minmax(min(100%, 28rem), 1fr)); }
.large > figure:only-child { max-width: 50rem; }
.wide-figures { grid-template-columns: repeat(auto-fit, minmax(min(100%, 34rem), 1fr)); }
figure { margin: 0; min-width: 0; padding: 0.7rem; background: var(--panel); border-radius: 8px; }
.plot { width: 100%; min-height: 8rem; }
.stop { font-weight: 600; white-space: nowrap; }
.closed { position: absolute; left: 0; right: 0; height: 0; overflow: hidden; visibility: hidden; }
.on-paper { display: none; }
.tabs { display: flex; flex-wrap: wrap; gap: 0.3rem; margin: 0 0 0.6rem; }
button {
  font: inherit; font-size: 0.9rem; padding: 0.3rem 0.9rem; color: var(--text); background: var(--panel);
  border: 1px solid var(--line); border-radius: 6px; cursor: pointer;
}
button:hover { border-color: var(--quiet); }
[role=tab][aria-selected=true] { border-color: var(--accent); box-shadow: inset 0 -2px 0 var(--accent); }
.player { display: flex; align-items: center; gap: 0.8rem; margin: 0 0 0.8rem; max-width: 34rem; }
.player label { flex: 1; display: flex; min-width: 0; }
.player input { width: 100%; accent-color: var(--accent); }
.player output { min-width: 3.2rem; text-align: right; font-variant-numeric: tabular-nums; color: var(--quiet); }
.play { min-width: 5rem; }
.scale { display: flex; align-items: center; gap: 0.5rem; margin: 0 0 0.8rem; font-size: 0.875rem; color: var(--quiet); }
.scale .bar { width: 12rem; height: 0.7rem; border-radius: 3px;
  background: linear-gradient(to right, #440154, #482878, #3e4989, #31688e, #26828e, #1f9e89, #35b779, #6ece58, #b5de2b, #fde725);
  print-color-adjust: exact; -webkit-print-color-adjust: exact; }
footer { margin-top: 2.5rem; color: var(--quiet); font-size: 0.875rem; }
@media print {
  :root { color-scheme: light; --text: #000; --quiet: #444; --line: #bbb; --page: #fff; --panel: #fff; --accent: #000; }
  @page { size: A4; margin: 14mm 12mm; }
  body { padding: 0; max-width: none; font-size: 10pt; }
  h1 { font-size: 16pt; }
  h2 { font-size: 12pt; margin-top: 1.4rem; }
  nav, .skip, .modebar, .tabs, .player, .stop { display: none !important; }
  .wide { overflow: visible; }
  .results, .differences, .settings { font-size: 8.5pt; }
  th, td { padding: 0.15rem 0.4rem; }
  .swatch { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .small { grid-template-columns: repeat(3, 1fr); gap: 0.5rem; }
  .large, .wide-figures { grid-template-columns: repeat(2, 1fr); gap: 0.5rem; }
  figure { padding: 0.2rem; border: 1px solid var(--line); }
  figcaption { font-size: 8pt; }
  .closed { position: static; height: auto; overflow: visible; visibility: visible; }
  .on-paper { display: block; font-weight: 600; margin: 0.6rem 0 0.2rem; }
  figure, tr, .scale { break-inside: avoid; }
  h2, h3, .on-paper, section > p { break-after: avoid; }
}
`;
