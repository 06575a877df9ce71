/** Point clouds: what they are, PointFlow, their files, and how two sets of them are compared. */
export { cloudAt, cloudCount, cloudsOf, pointCloudOf, pointCount, selectClouds } from './clouds.ts';
export type { Clouds, CloudsLike, PointCloud } from './clouds.ts';
export * from './files/index.ts';
export type { Mesh, NotedMesh } from './mesh/mesh.ts';
export { sampleSurface } from './mesh/surface.ts';
export * from './metrics/index.ts';
export * from './model/index.ts';
export { cloudNormalisation, denormaliseClouds, normaliseClouds } from './normalise.ts';
export type { CloudNormalisation, NormalisationMethod } from './normalise.ts';
