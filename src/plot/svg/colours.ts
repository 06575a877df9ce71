/** Stops of a colour scale: a share from 0 to 1 and its colour. */
type Stops = readonly (readonly [number, string])[];

/** Viridis (van der Walt and Smith, 2015), at ten equal distances as plotly has it. */
const viridis: Stops = [
  '#440154',
  '#482878',
  '#3e4989',
  '#31688e',
  '#26828e',
  '#1f9e89',
  '#35b779',
  '#6ece58',
  '#b5de2b',
  '#fde725',
].map((colour, i): [number, string] => [i / 9, colour]);

/** The colour at a share of the scale, which is one of plotly's: a name, or stops. Unknown names mean Viridis. */
export function colourAt(scale: unknown, share: number): string {
  const stops = Array.isArray(scale) ? (scale as Stops) : viridis;
  const place = Math.min(1, Math.max(0, share));
  const above = stops.findIndex(([at]) => at >= place);
  const [high, highColour] = stops[above]!;
  const [low, lowColour] = stops[Math.max(0, above - 1)]!;
  const part = high === low ? 0 : (place - low) / (high - low);
  const [from, to] = [channels(lowColour), channels(highColour)];
  const mixed = from.map((channel, i) => Math.round(channel + part * (to[i]! - channel)));
  return `#${mixed.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`;
}

function channels(colour: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
}
