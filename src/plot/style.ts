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
h2 { font-size: 1.25rem; margin: 2.4rem 0 0.4rem; padding-top: 0.4rem; border-top: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 0 0 0.2rem; }
p { margin: 0.3rem 0 0.8rem; max-width: 48rem; }
.lead, .note, .meanings, small, figcaption { color: var(--quiet); }
.note, .meanings, figcaption { font-size: 0.875rem; }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: 0.2rem 1.2rem; padding: 0; margin: 0.6rem 0; }
a { color: var(--accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 0.4rem 0.5rem; border-bottom: 1px solid var(--line); text-align: right; }
.results { width: 100%; font-size: 0.85rem; }
.results td { white-space: nowrap; }
.results th:first-child { text-align: left; position: sticky; left: 0; background: var(--page); }
thead th { vertical-align: bottom; font-weight: 600; }
thead small { display: block; font-weight: 400; }
.best { background: var(--panel); }
.failed td { text-align: left; white-space: normal; color: var(--quiet); }
.settings th { font-weight: 400; text-align: left; color: var(--quiet); }
.settings td { text-align: left; overflow-wrap: anywhere; }
.meanings { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)); gap: 0.5rem 1.5rem; }
summary { cursor: pointer; color: var(--quiet); font-size: 0.875rem; }
dt { font-weight: 600; }
dd { margin: 0; }
.figures { display: grid; gap: 1rem; }
.small { grid-template-columns: repeat(auto-fill, minmax(min(100%, 16rem), 1fr)); }
.large { grid-template-columns: repeat(auto-fit, minmax(min(100%, 28rem), 1fr)); }
figure { margin: 0; min-width: 0; padding: 0.7rem; background: var(--panel); border-radius: 8px; }
.plot { width: 100%; }
footer { margin-top: 2.5rem; color: var(--quiet); font-size: 0.875rem; }
@media print {
  :root { color-scheme: light; --text: #000; --quiet: #444; --line: #bbb; --page: #fff; --panel: #fff; --accent: #000; }
  @page { size: A4 landscape; margin: 12mm; }
  body { padding: 0; max-width: none; font-size: 10pt; }
  nav, .modebar { display: none; }
  .wide { overflow: visible; }
  .results { font-size: 7.5pt; }
  th, td { padding: 0.2rem 0.35rem; }
  .small { grid-template-columns: repeat(3, 1fr); }
  .large { grid-template-columns: repeat(2, 1fr); }
  figure, tr { break-inside: avoid; }
  h2, h3, section > p { break-after: avoid; }
}
`;
