/** Of points that lie about a straight line. */
export interface FittedLine {
  /** By how much the line rises from the first point to the last. */
  growth: number
  /** The standard error of that. */
  noise: number
  mean: number
}

/** By least squares; the points in the order of x, three at least. */
export function fittedLine(points: readonly (readonly [x: number, y: number])[]): FittedLine {
  const count = points.length
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / count
  const mean = points.reduce((sum, [, y]) => sum + y, 0) / count
  const spread = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0)
  const slope = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - mean), 0) / spread
  const rest = points.reduce((sum, [x, y]) => sum + (y - mean - slope * (x - meanX)) ** 2, 0)
  const length = (points.at(-1)?.[0] ?? 0) - (points[0]?.[0] ?? 0)
  return { growth: slope * length, noise: length * Math.sqrt(rest / (count - 2) / spread), mean }
}
