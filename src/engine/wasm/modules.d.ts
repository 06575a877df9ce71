// What scripts/build-wasm.mjs writes: binaries, compressed and in base64, and the program of the workers.

declare module '#wasm/simd' {
  export const text: string;
}

declare module '#wasm/relaxed' {
  export const text: string;
}

declare module '#wasm/worker' {
  export const text: string;
}
