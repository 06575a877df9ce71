import { expect, test } from 'vitest';
import { noChromium } from '../wasm/page.ts';
import { backends, onBackend } from './backends.ts';

/** What differs most between backends: functions at special numbers; and a solve with its gradient. backends.verify.ts has more. */
const cases = 'special numbers|run > (sin|cos) |> a decaying rotation, dopri5 forward$';

test.for(Object.keys(backends))(
  'the engine conforms and trains on the backend %s in Chromium',
  { timeout: 300_000 },
  async (backend, { skip }) => {
    if (noChromium !== undefined) skip(noChromium);
    const { report, losses, errors } = await onBackend(backend, cases);
    expect(errors).toEqual([]);
    expect(report.failed).toEqual([]);
    expect(report.backend).toBe(backend);
    expect(report.passed).toBeGreaterThan(25);
    for (const [found, expected] of Object.values(losses)) expect(found).toBeCloseTo(expected, 3);
  },
);
