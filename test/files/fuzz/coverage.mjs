import { Session } from 'node:inspector/promises';

/** Code whose blocks count: what takes bytes or text, and the packages that they are handed to. */
const COUNTED =
  /\/dist\/(?:cli|files|models|pointcloud\/(?:files|clouds)|train|errors|program\/formula)|\/node_modules\/(?:commander|csv-parse|fflate|fzstd|hysnappy|hyparquet-compressors|mathjs\/lib\/esm\/expression)\//;

/**
 * Which blocks of code run, by V8's own counters.
 * @returns {Promise<{ take: () => Promise<string[]>, stop: () => Promise<void> }>} `take` names the blocks that ran since the last call
 */
export async function watchCoverage() {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  let stopped = false;
  return {
    async take() {
      const { result } = await session.post('Profiler.takePreciseCoverage');
      return result
        .filter(({ url }) => COUNTED.test(url))
        .flatMap(({ url, functions }) =>
          functions.flatMap(({ ranges }) =>
            ranges
              .filter(({ count }) => count > 0)
              .map(({ startOffset, endOffset }) => `${url} ${startOffset} ${endOffset}`),
          ),
        );
    },
    async stop() {
      if (stopped) return;
      stopped = true;
      await session.post('Profiler.stopPreciseCoverage');
      session.disconnect();
    },
  };
}
