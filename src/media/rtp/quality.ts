/** Estimate of the mean opinion score from loss, jitter and delay (ITU-T G.107, G.113 for G.711). */

const BASE_R = 93.2;
/** Robustness of G.711 without and against random loss (G.113 appendix I, with concealment). */
const LOSS_ROBUSTNESS = 25.1;

/** `lossFraction` of 0 to 1, `jitterMs` as RFC 3550 counts it, `roundTripMs` null when the peer tells none. */
export const estimateMos = (loss: { lossFraction: number; jitterMs: number; roundTripMs: number | null }): number => {
  const delayMs = (loss.roundTripMs ?? 0) / 2 + 20 + 2 * loss.jitterMs;
  const delayImpairment = 0.024 * delayMs + (delayMs > 177.3 ? 0.11 * (delayMs - 177.3) : 0);
  const percent = Math.min(1, Math.max(0, loss.lossFraction)) * 100;
  const lossImpairment = (95 * percent) / (percent + LOSS_ROBUSTNESS);
  const r = Math.min(100, Math.max(0, BASE_R - delayImpairment - lossImpairment));
  const mos = 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6;
  return Math.round(Math.min(4.5, Math.max(1, mos)) * 100) / 100;
};
