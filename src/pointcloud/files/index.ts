export { encodePly, encodeXyz } from './encode.ts';
export { decodeObj } from './obj.ts';
export { decodeOff } from './off.ts';
export { decodePcd } from './pcd.ts';
export { decodePly } from './ply.ts';
export { readClouds, readMesh } from './read.ts';
export type { CloudFormat, MeshFormat, ReadCloudsOptions } from './read.ts';
export { writeClouds, writeMesh } from './write.ts';
export { decodeXyz } from './xyz.ts';
