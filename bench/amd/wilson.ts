/** Wilson's score interval of a share, at 95 %. */
const Z = 1.96;

export const wilson = (hits: number, of: number): { low: number; high: number } => {
  if (of === 0) return { low: 0, high: 1 };
  const share = hits / of;
  const centre = share + (Z * Z) / (2 * of);
  const spread = Z * Math.sqrt((share * (1 - share)) / of + (Z * Z) / (4 * of * of));
  const scale = 1 + (Z * Z) / of;
  return { low: Math.max(0, (centre - spread) / scale), high: Math.min(1, (centre + spread) / scale) };
};

/** `2 of 180: 1.1 % (0.3 to 4.0)`. */
export const shareText = (hits: number, of: number): string => {
  const { low, high } = wilson(hits, of);
  const percent = (share: number) => (share * 100).toFixed(1);
  return `${hits} of ${of}: ${percent(of === 0 ? 0 : hits / of)} % (${percent(low)} to ${percent(high)})`;
};
