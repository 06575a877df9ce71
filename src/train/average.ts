/**
 * The exponential moving average of the parameters, without a share of the first ones (Kingma and Ba, ICLR 2015, section 3,
 * correct the bias of Adam's averages in the same way). After step t, with parameters p_1, ..., p_t:
 *
 *     average_t = sum over i of decay^(t - i) p_i / sum over i of decay^(t - i)
 *
 * computed as average + w (p_t - average) with w = (1 - decay) / (1 - decay^t), which is 1 in the first step.
 */
export function updateAverage(
  average: Float64Array,
  latest: Float64Array,
  decay: number,
  step: number,
): void {
  const weight = (1 - decay) / (1 - decay ** step);
  for (let i = 0; i < average.length; i++) average[i]! += weight * (latest[i]! - average[i]!);
}
