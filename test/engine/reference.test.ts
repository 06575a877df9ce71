import { reference } from '../../src/engine/reference/index.ts';
import { conformance } from './conformance.ts';

conformance(reference, 'reference', { relative: 1e-13, sameSteps: true });
