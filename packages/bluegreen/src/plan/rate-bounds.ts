/**
 * Bounds on a rate of which only a sample was seen, by Chernoff's inequality: the chance that a sample of `total` shows
 * `count` or more, though the true rate is at most `rate`, is at most e to the power of minus the evidence. Unlike bounds
 * made with a normal distribution these hold for small samples and for rates near 0, too.
 */
export function evidenceAbove(rate: number, { count, total }: Sample): number {
  const seen = total === 0 ? 0 : count / total;
  return seen <= rate ? 0 : total * divergence(seen, rate);
}

export interface Sample {
  readonly count: number;
  readonly total: number;
}

/** The highest rate that a sample does not speak against with more than `evidence`; 1 where nothing was seen. */
export function upperBound({ count, total }: Sample, evidence: number): number {
  if (total === 0) return 1;
  const seen = count / total;
  let [low, high] = [seen, 1];
  for (let halving = 0; halving < 40; halving += 1) {
    const middle = (low + high) / 2;
    if (total * divergence(seen, middle) > evidence) high = middle;
    else low = middle;
  }
  return high;
}

/** Kullback and Leibler's divergence of two rates. */
function divergence(seen: number, assumed: number): number {
  return term(seen, assumed) + term(1 - seen, 1 - assumed);
}

function term(seen: number, assumed: number): number {
  if (seen === 0) return 0;
  return assumed === 0 ? Infinity : seen * Math.log(seen / assumed);
}
