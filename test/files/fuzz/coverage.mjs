import { Session } from 'node:inspector/promises';

/** Code whose blocks count: the readers, and the packages that they hand bytes to. */
const COUNTED =
  /\/dist\/(?:files|models|errors)|\/node_modules\/(?:fflate|csv-parse|fzstd|hysnappy|hyparquet-compressors)\//;

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
