import { describe, expect, test } from 'vitest';

import { eventCotangent, solve, tableaus } from '../../src/ode/index.ts';
import type { EventSpec, OdeField } from '../../src/ode/index.ts';

/** A ball in free fall: height and speed, from 10 m. */
const fall: OdeField = (_t, y, dydt) => {
  dydt[0] = y[1]!;
  dydt[1] = -9.81;
};
const ground: EventSpec = { g: (_t, y) => y[0]!, terminal: true };
const impact = Math.sqrt(20 / 9.81);

const circle: OdeField = (_t, y, dydt) => {
  dydt[0] = -y[1]!;
  dydt[1] = y[0]!;
};
const tight = { rtol: 1e-11, atol: 1e-11 };

test('a terminal event ends the integration, to the last digits', () => {
  const solution = solve(fall, [10, 0], 0, 100, { events: [ground], dense: true });
  expect(solution).toMatchObject({ status: 'ok', t: expect.closeTo(impact, 13) as number });
  expect(solution.y[0]).toBeCloseTo(0, 12);
  expect(solution.y[1]).toBeCloseTo(-9.81 * impact, 12);
  expect(solution.events).toEqual([{ event: 0, t: solution.t, y: solution.y }]);
  expect(solution.dense!.t1).toBe(solution.t);
});

test.each(Object.values(tableaus).filter(({ order }) => order >= 5))(
  '$name: all zeros of a circle',
  (method) => {
    const events: EventSpec[] = [
      { g: (_t, y) => y[0]! },
      { g: (_t, y) => y[0]!, direction: 1 },
      { g: (_t, y) => y[0]!, direction: -1 },
    ];
    const solution = solve(circle, [1, 0], 0, 10, { ...tight, solver: method.name, events });
    const times = (wanted: number) =>
      solution.events.filter(({ event }) => event === wanted).map(({ t }) => t);
    const zeros = [0.5, 1.5, 2.5].map((x) => x * Math.PI);
    const digits = method.interpolant.order > 3 ? 8 : 4;
    times(0).forEach((t, i) => expect(t).toBeCloseTo(zeros[i]!, digits));
    expect(times(0)).toHaveLength(3);
    expect(times(1)).toEqual([times(0)[1]]);
    expect(times(2)).toEqual([times(0)[0], times(0)[2]]);
  },
);

test('backward in time the direction is that of the integration', () => {
  const events: EventSpec[] = [{ g: (t) => t - 3, direction: -1, terminal: true }];
  expect(solve(circle, [1, 0], 5, 0, { events }).t).toBeCloseTo(3, 14);
  const other: EventSpec[] = [{ g: (t) => t - 3, direction: 1, terminal: true }];
  expect(solve(circle, [1, 0], 5, 0, { events: other }).t).toBe(0);
});

test('an event at the start does not count, one at the end does', () => {
  const { events } = solve(circle, [1, 0], 0, 2, { events: [{ g: (t) => t * (t - 2) }] });
  expect(events).toHaveLength(1);
  expect(events[0]!.t).toBe(2);
});

test('output times up to a terminal event; the rest is NaN', () => {
  for (const interpolate of [false, true]) {
    const { at } = solve(fall, [10, 0], 0, 10, { events: [ground], times: [0.5, 1, 5], interpolate });
    expect(at![0]![0]).toBeCloseTo(10 - 0.5 * 9.81 * 0.25, 10);
    expect(at![1]![0]).toBeCloseTo(10 - 0.5 * 9.81, 10);
    expect([...at![2]!]).toEqual([NaN, NaN]);
  }
});

describe('an event that is required', () => {
  const events: EventSpec[] = [{ ...ground, required: true }];
  test('is found', () => {
    expect(solve(fall, [10, 0], 0, 10, { events }).status).toBe('ok');
  });
  test('or its absence is a failure', () => {
    expect(() => solve(fall, [10, 0], 0, 1, { events })).toThrow(
      expect.objectContaining({
        code: 'numerical-failure',
        message: expect.stringMatching(
          /events\[0\] is required and did not happen before t=1.*Move t1/,
        ) as string,
      }),
    );
    const reported = solve(fall, [10, 0], 0, 1, { events, onFailure: 'report' });
    expect(reported).toMatchObject({ status: 'event-not-found', t: 1, events: [] });
  });
});

test('the gradient of the time and the state of an event, against differences', () => {
  const impactOf = (height: number, speed: number) =>
    solve(fall, [height, speed], 0, 100, { ...tight, events: [ground] });
  const event = impactOf(10, 1).events[0]!;
  const slope = { dy: [1, 0], dt: 0 };
  // From the fixed time t* back to the start: height' = height + speed t.
  const toStart = (cotangent: Float64Array) => [cotangent[0]!, cotangent[0]! * event.t + cotangent[1]!];
  const ofTime = toStart(eventCotangent(fall, event, slope, [0, 0], 1));
  const ofSpeed = toStart(eventCotangent(fall, event, slope, [0, 1], 0));
  const e = 1e-5;
  const difference = (read: (s: ReturnType<typeof impactOf>) => number) => [
    (read(impactOf(10 + e, 1)) - read(impactOf(10 - e, 1))) / (2 * e),
    (read(impactOf(10, 1 + e)) - read(impactOf(10, 1 - e))) / (2 * e),
  ];
  difference((s) => s.t).forEach((value, i) => expect(ofTime[i]).toBeCloseTo(value, 7));
  difference((s) => s.y[1]!).forEach((value, i) => expect(ofSpeed[i]).toBeCloseTo(value, 7));
});

test('where an event only touches zero its time has no derivative', () => {
  const top = { event: 0, t: 0, y: Float64Array.of(0, 0) };
  expect(() => eventCotangent(fall, top, { dy: [1, 0], dt: 0 }, [0, 0], 1)).toThrow(
    expect.objectContaining({ code: 'numerical-failure' }),
  );
});

test.each([
  [{ g: 3 }, /events\[0\]\.g: expected a function/],
  [{ g: () => 1, direction: 2 }, /events\[0\]\.direction: expected -1, 0 or 1/],
])('misuse %#', (event, message) => {
  expect(() => solve(fall, [1, 0], 0, 1, { events: [event as unknown as EventSpec] })).toThrow(message);
});
