import type { Command } from 'commander';
import type { Io } from '../../io.ts';
import { addCloudEvaluate } from './evaluate.ts';
import { addCloudInterpolate } from './interpolate.ts';
import { addCloudSample } from './sample.ts';
import { addCloudTrain } from './train.ts';

/** `liouville pointcloud`: what is done with models of point clouds. */
export function addPointCloud(program: Command, io: Io, end: (status: number) => void): void {
  const command = program
    .command('pointcloud')
    .description(
      'Models of point clouds: train them, draw from them, go from one cloud to another, score them.',
    );
  addCloudTrain(command, io, end);
  addCloudSample(command, io, end);
  addCloudInterpolate(command, io, end);
  addCloudEvaluate(command, io, end);
}
