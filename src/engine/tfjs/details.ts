// Apart from the rest, so that declarations which name it do not ask for the types of TensorFlow.js.

/** What the engine `tfjs` runs on. */
export interface TfjsDetails {
  /** The name under which the backend is registered: 'tensorflow' (tfjs-node), 'wasm', 'webgpu', 'webgl', 'cpu'. */
  readonly backend: string;
  /** Of @tensorflow/tfjs-core. */
  readonly version: string;
  /** The faster backend for Node, where it is not the one in use, and how to install it. */
  readonly faster?: string;
}
