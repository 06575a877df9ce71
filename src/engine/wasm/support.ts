import { webAssembly } from './platform.ts';

/** The builds of the module: `relaxed` has the multiply-add of relaxed-simd in float32. */
export type Build = 'simd' | 'relaxed';

// prettier-ignore
const head = [
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, // "\0asm", version 1
  0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b, // a type: () -> v128
  0x03, 0x02, 0x01, 0x00, // a function of that type
];

/** A module with one function of the given body. */
function probe(...body: number[]): Uint8Array {
  const code = [1, body.length + 2, 0, ...body, 0x0b];
  return Uint8Array.of(...head, 0x0a, code.length, ...code);
}

const zero = [0xfd, 0x0c, ...Array<number>(16).fill(0)]; // v128.const
const madd = [0xfd, 0x85, 0x02]; // f32x4.relaxed_madd
const exceptions = [0x06, 0x7b, ...zero, 0x19, ...zero, 0x0b]; // try v128 ... catch_all ... end

const probes: Readonly<Record<Build, Uint8Array>> = {
  simd: probe(...exceptions),
  relaxed: probe(...zero, ...zero, ...zero, ...madd),
};

/** The builds that run here, the better one last. */
export function supportedBuilds(): Build[] {
  if (webAssembly?.validate(probes.simd) !== true) return [];
  return webAssembly.validate(probes.relaxed) ? ['simd', 'relaxed'] : ['simd'];
}
