import { continuousParts, fieldAt, journey, rowCosts } from '../../cnf/index.ts';
import type { Matrix } from '../../matrix.ts';
import { firstRows } from '../rows.ts';
import type { Measure } from '../subject.ts';

/** Rows whose ways are drawn; more lines hide each other. */
const WAYS = 60;
/** Rows whose evaluations are counted. */
const COUNTED = 1000;
/** Arrows on a side, and times from 0 to T. */
const [SIDE, TIMES] = [17, 9];

/** Ways, field and costs of a continuous flow in the plane, for the figures; nothing of any other. */
export const inside: Measure = {
  name: 'inside',
  async measure({ flow, data, evaluate, box }) {
    if (box?.length !== 2 || continuousParts(flow) === 0) return {};
    const { standardiser } = data;
    // A figure is no reason to fail.
    const options = { ...evaluate, onFailure: 'report' } as const;
    const rows = standardiser.apply(firstRows(data.test, WAYS));
    const stops = await journey(flow, rows, { ...options, trace: 'exact', intervals: 24 });
    const end = stops.find(({ path }, i) => path !== stops[i + 1]?.path && stops[i]!.time !== null)!.time!;
    const times = Array.from({ length: TIMES }, (_, i) => (end * i) / (TIMES - 1));
    const points = gridOf(box);
    const velocities = await fieldAt(flow, standardiser.apply(points), times, options);
    const { evaluations } = await rowCosts(flow, standardiser.apply(firstRows(data.test, COUNTED)), options);
    return {
      inside: {
        // The plane of the data throughout: an affine map adds the same to every log-density.
        ways: stops.map(({ x, logDensity }) => ({
          x: standardiser.invert(x),
          logDensity: logDensity.map((value) => value + standardiser.logDet),
        })),
        field: { points, times, velocities: velocities.map((v) => stretched(v, standardiser.scale)) },
        evaluations,
      },
    };
  },
};

function gridOf(box: readonly (readonly [number, number])[]): Matrix {
  const [x, y] = box.map(([low, high]) =>
    Array.from({ length: SIDE }, (_, i) => low + ((high - low) * (i + 0.5)) / SIDE),
  ) as [number[], number[]];
  const data = Float64Array.from(y.flatMap((b) => x.flatMap((a) => [a, b])));
  return { data, rows: SIDE * SIDE, cols: 2 };
}

/** Velocities in the units of the data. */
function stretched({ data, rows, cols }: Matrix, scale: Float64Array): Matrix {
  return { data: data.map((value, at) => value * scale[at % cols]!), rows, cols };
}
