import { Option } from 'commander';
import type { Command } from 'commander';
import { LiouvilleError } from '../../errors.ts';
import { cloudPageHtml } from '../../plot/index.ts';
import type { CloudPage, CloudScene } from '../../plot/index.ts';
import { cloudAt, cloudCount, drawPoints, pointCount } from '../../pointcloud/index.ts';
import type { Clouds, PointCloud } from '../../pointcloud/index.ts';
import * as argument from '../arguments.ts';
import { checkOutputFile } from '../output-file.ts';
import { plotlySource } from '../plotly.ts';
import { writeText } from '../run-folder.ts';

/** Clouds that a page shows at most, and points of each: it should open on a phone. */
const most = { clouds: 32, points: 4096 };

/** Stops of the way from noise to a shape. */
export const pageIntervals = 24;

/** What is said about the page that a command writes. */
export interface PageFlags {
  html?: string;
  up: 'x' | 'y' | 'z';
}

/** Adds the options of a page. */
export function addPageOptions(command: Command, what: string): Command {
  const axes = new Option('--up <axis>', 'which axis points up on the page').choices(['x', 'y', 'z']);
  return command.option('--html <file>', what, argument.path).addOption(axes.default('z'));
}

/** Tries whether a page can be written. Throws 'invalid-argument' naming the option. */
export async function checkPage(path: string | undefined, dim: number): Promise<void> {
  if (path === undefined) return;
  await checkOutputFile('--html', path, ['.html']);
  if (dim === 3) return;
  throw new LiouvilleError(
    'invalid-argument',
    `--html: a page shows points of 3 coordinates; these have ${dim}.`,
  );
}

export async function writePage(path: string, page: CloudPage): Promise<void> {
  await writeText(path, cloudPageHtml(page, await plotlySource()));
}

/** The first clouds of a set, thinned out where they have many points. */
export function shown(clouds: Clouds): PointCloud[] {
  return Array.from({ length: Math.min(most.clouds, cloudCount(clouds)) }, (_, i) => {
    const cloud = cloudAt(clouds, i);
    if (pointCount(clouds, i) <= most.points) return cloud;
    return cloudAt(drawPoints([cloud], most.points), 0);
  });
}

/** Drawn clouds, beside as many of the data where these are at hand. */
export function samplesScene(samples: Clouds, data: Clouds | null): CloudScene {
  const drawn = { name: 'drawn', clouds: shown(samples) };
  return {
    title: data === null ? 'Clouds of the model' : 'Clouds of the model beside the data',
    text: 'Cloud by cloud; one has nothing to do with the other.',
    views:
      data === null ? [drawn] : [{ name: 'data', clouds: shown(data).slice(0, drawn.clouds.length) }, drawn],
    step: 'cloud',
    pace: 1,
    isWay: false,
  };
}

/** The points of one cloud on their way. */
export function wayScene(path: readonly PointCloud[], text: string): CloudScene {
  return {
    title: 'From noise to shape',
    text,
    views: [{ name: 'on the way', clouds: path }],
    step: 'stop',
    pace: 8,
    isWay: true,
  };
}

/** The clouds between two of the data, with these beside. */
export function betweenScene(between: Clouds, ends: readonly (readonly [string, Clouds])[]): CloudScene {
  const [from, to] = ends.map(([name, clouds]) => ({ name, clouds: shown(clouds) }));
  return {
    title: 'From one cloud to another',
    text: 'The two clouds of the data, and what the model draws on the straight way between their latents.',
    views: [from!, { name: 'drawn between them', clouds: shown(between) }, to!],
    step: 'step',
    pace: 2,
    isWay: false,
  };
}
