// What a loss is worth in epsilon, for people. The accounting itself is in whole nano-rho and is the hospital's
// (package dp/accountant, whose formulae these are).

/** The delta at which losses are shown. */
export const displayDelta = 1e-6;

const slack = 1e-9;
const greatest = 2 ** 53 - 1;

/**
 * An upper bound of the epsilon that so many nano-rho of zCDP imply at delta: Canonne, Kamath and Steinke 2020,
 * proposition 12 with the divergence a·rho, minimised over a > 1 by bisection in ln(a-1).
 */
export function epsilon(nanoRho: number, delta = displayDelta): number {
  if (nanoRho <= 0) return 0;
  const rho = nanoRho / 1e9;
  const l = -Math.log(delta);
  let low = -40;
  let high = l;
  for (let i = 0; i < 80; i++) {
    const t = (low + high) / 2;
    const b = Math.exp(t);
    if ((l - Math.log1p(b)) / (b * b) > rho) low = t;
    else high = t;
  }
  const b = Math.exp(high);
  return Math.max(0, (1 + b) * rho + Math.log(b) - Math.log1p(b) + (l - Math.log1p(b)) / b) * (1 + slack);
}

/** The most nano-rho whose epsilon at delta is at most eps. */
export function nanoRhoOf(eps: number, delta = displayDelta): number {
  let low = 0;
  let high = greatest;
  while (low < high) {
    const middle = low + Math.ceil((high - low) / 2);
    if (epsilon(middle, delta) <= eps) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** What an own cap leaves for answers that name concepts: 2^-21, a little less than half of displayDelta. */
export const capDelta = 2 ** 42;

const deltaOf = (units: number) => units * 2 ** -63;

/** A patient's own cap of so much epsilon. */
export const capOf = (eps: number) => ({ nano_rho: nanoRhoOf(eps, displayDelta - deltaOf(capDelta)), delta: capDelta });

/** The epsilon of an own cap. */
export const capEpsilon = (cap: { nano_rho: number; delta: number }): number => epsilon(cap.nano_rho, displayDelta - deltaOf(cap.delta));
