import { ways, tolerance } from './solve-places.ts';
import type { SolvePlaces } from './solve-places.ts';
import { plus } from './memory.ts';
import type { Index } from './memory.ts';
import { stageLayout } from './tableau-settings.ts';

/** The first step size, as far as it is known before the trial (src/ode/initial-step.ts). */
export function initialStepSource(places: SolvePlaces): string {
  return `
    var squares0 = 0.0;
    var squares1 = 0.0;
    ${places.components((i, writer) => {
      const [scale, ratio0, ratio1] = [writer.name('scale'), writer.name('ratio'), writer.name('ratio')];
      writer.line(`let ${scale} = ${tolerance(places, `abs(${places.state(0, i)})`)};`);
      writer.line(`let ${ratio0} = ${places.state(0, i)} / ${scale};`);
      writer.line(`let ${ratio1} = ${places.slope(0, i)} / ${scale};`);
      writer.line(`squares0 += ${ratio0} * ${ratio0};`);
      writer.line(`squares1 += ${ratio1} * ${ratio1};`);
    })}
    let d0 = rowSqrt(squares0 / ${places.n}.0);
    d1 = rowSqrt(squares1 / ${places.n}.0);
    h0 = select(0.01 * d0 / d1, 1e-6, d0 < 1e-5 || d1 < 1e-5);
    if (!isNan(h0) && h0 > 0.0) {
      if (1.01 * h0 >= limit) { h0 = limit; }
      phase = 3u;
    } else {
      h = max(min(1e-6, limit), leastStep(t));
    }`;
}

/** Accepts or rejects the step whose stages are known, and sizes the next one. */
export function judgeSource(places: SolvePlaces): string {
  const { tableau } = places;
  const { fsal, stages } = tableau;
  return `
${fsal ? '' : weighted(places, 'b', (i, sum) => `${places.next(i)} = ${places.state(0, i)} + step * ${sum};`)}
var good = true;
var error = 0.0;
if (call.way == ${ways.adaptive}u) {
${tableau.bError === null ? '' : errorSource(places)}
  lastError = error;
  good = isFinite(error) && error <= 1.0;
} else {
  ${places.components((i, writer) => writer.line(`good = good && isFinite(${places.next(i)});`))}
  if (!good) { status = 3u; break; }
}
if (good) {
  if (call.way == ${ways.adaptive}u) {
    if (!landing) {
      var factor = ${places.setting('safety')} * power(error, -${places.setting('beta0')} / ${places.setting('order')});
      if (${places.setting('beta1')} != 0.0) { factor *= power(previousError, -${places.setting('beta1')} / ${places.setting('order')}); }
      if (${places.setting('beta2')} != 0.0) { factor *= power(earlierError, -${places.setting('beta2')} / ${places.setting('order')}); }
      factor = select(${places.setting('maxFactor')}, factor, factor < ${places.setting('maxFactor')});
      factor = max(factor, ${places.setting('minFactor')});
      h *= select(factor, min(factor, 1.0), afterRejection);
      earlierError = previousError;
      previousError = max(error, 1e-4);
    }
    afterRejection = false;
  }
${recordSource(places)}
  accepted++;
  t = tNext;
  slopeKnown = ${fsal};
  ${places.components((i, writer) => {
    writer.line(`${places.state(0, i)} = ${places.next(i)};`);
    if (fsal) writer.line(`${places.slope(0, i)} = ${places.slope(stages - 1, i)};`);
  })}
} else {
  rejected++;
  var factor = 0.0;
  if (isFinite(error)) { factor = ${places.setting('safety')} * power(error, -${places.setting('rejection')} / ${places.setting('order')}); }
  h = abs(step) * max(factor, ${places.setting('minFactor')});
  afterRejection = true;
}
phase = 0u;`;
}

/** The norm of the error estimate; NaN where anything in the step is not finite (src/ode/stepper.ts). */
function errorSource(places: SolvePlaces): string {
  const { tableau, n } = places;
  const corrected = tableau.bCorrection !== null;
  return `
  var squares = 0.0;
  var corrections = 0.0;
  ${places.components((i, writer) => {
    const [scale, ratio, j, sum, other] = ['scale', 'ratio', 'j', 'sum', 'other'].map((stem) =>
      writer.name(stem),
    );
    const size = `larger(abs(${places.state(0, i)}), abs(${places.next(i)}))`;
    writer.line(`let ${scale} = ${tolerance(places, size)};`);
    writer.line(`var ${sum} = 0.0; var ${other} = 0.0;`);
    writer.line(`for (var ${j} = 0u; ${j} < ${tableau.stages}u; ${j}++) {`);
    writer.line(`${sum} += ${places.coefficient('bError', j!)} * ${places.slope(j!, i)};`);
    if (corrected)
      writer.line(`${other} += ${places.coefficient('bCorrection', j!)} * ${places.slope(j!, i)};`);
    writer.line('}');
    writer.line(`let ${ratio} = select(notANumber(), step * ${sum} / ${scale}, isFinite(${scale}));`);
    writer.line(`squares += ${ratio} * ${ratio};`);
    writer.line(`corrections += (step * ${other} / ${scale}) * (step * ${other} / ${scale});`);
  })}
  let mean = squares / ${n}.0;
  error = rowSqrt(mean);
  ${
    corrected
      ? `let both = rowSqrt(mean + 0.01 * (corrections / ${n}.0));\n  error = select(mean / both, 0.0, both == 0.0);`
      : ''
  }`;
}

/** Keeps the step for the gradient: its times, its size, the states of its stages. */
function recordSource(places: SolvePlaces): string {
  const { record, stored } = stageLayout(places.tableau, places.n);
  const at = (index: Index): string =>
    `tape[(kept + ${typeof index === 'number' ? `${index}u` : index}) * call.stride + lane]`;
  return `
  if (call.taping != 0u) {
    let kept = (accepted - call.firstStep) * ${record}u;
    ${at(0)} = t;
    ${at(1)} = tNext;
    ${at(2)} = step;
    for (var j = 0u; j < ${stored}u; j++) {
      ${places.components((i, writer) => writer.line(`${at(plus(`3u + j * ${places.n}u`, i))} = ${places.state('j', i)};`))}
    }
  }`;
}

/** A statement for each component with the weighted sum of its derivatives. */
function weighted(places: SolvePlaces, weights: 'b', then: (i: Index, sum: string) => string): string {
  return places.components((i, writer) => {
    const [sum, j] = [writer.name('sum'), writer.name('j')];
    writer.line(`var ${sum} = 0.0;`);
    writer.line(`for (var ${j} = 0u; ${j} < ${places.tableau.stages}u; ${j}++) {`);
    writer.line(`${sum} += ${places.coefficient(weights, j)} * ${places.slope(j, i)};`);
    writer.line('}');
    writer.line(then(i, sum));
  });
}
