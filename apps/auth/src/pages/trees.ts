/** Two trees as SVG path data, grown from a few branches each, so that a leaf need not be drawn by hand. */
type Point = readonly [x: number, y: number]
/** A cubic curve: where it leaves the trunk, two bends, where it ends. */
type Branch = readonly [Point, Point, Point, Point]
interface Leaf {
  length: number
  width: number
  /** Where along the branch leaves stand, 0 at the trunk, 1 at the tip. */
  at: readonly number[]
  /** How far a leaf turns away from its branch, in radians. */
  turn: number
}

export interface Tree {
  branches: string
  leaves: string
}

/** Round crown: branches that rise, broad leaves. Its foot is at `foot`. */
export function alder(foot: Point): Tree {
  const leaf: Leaf = { length: 10, width: 6.6, at: [0.24, 0.4, 0.55, 0.7, 0.86], turn: 1 }
  const reach = [30, 38, 41, 40, 36, 29, 19]
  const branches = reach.flatMap((out, step): Branch[] => {
    const height = 40 + step * 11
    return [risingBranch(foot, height, -out), risingBranch(foot, height + 6, out * 0.94)]
  })
  return grow([...branches, straightUp(foot, 112, 146)], leaf)
}

function risingBranch([x, y]: Point, height: number, out: number): Branch {
  const start: Point = [x, y - height]
  return [
    start,
    [x + out * 0.5, y - height - 6],
    [x + out * 0.85, y - height - 14],
    [x + out, y - height - 27],
  ]
}

/** Slender and weeping: thin branches that rise, bend over and hang, small pointed leaves. */
export function birch(foot: Point): Tree {
  const leaf: Leaf = { length: 6.6, width: 3, at: [0.4, 0.52, 0.63, 0.74, 0.84, 0.93], turn: 0.6 }
  const reach = [22, 27, 28, 25, 20, 14]
  const branches = reach.flatMap((out, step): Branch[] => {
    const height = 58 + step * 15
    return [-1, 1].map((side) =>
      hangingBranch(foot, height + (side === 1 ? 8 : 0), out * side, 34 - step * 2.5),
    )
  })
  return grow([...branches, straightUp(foot, 140, 160)], leaf)
}

function hangingBranch([x, y]: Point, height: number, out: number, drop: number): Branch {
  const top = y - height
  return [
    [x, top],
    [x + out * 0.5, top - 15],
    [x + out * 0.95, top - 10],
    [x + out, top - 12 + drop],
  ]
}

function straightUp([x, y]: Point, from: number, to: number): Branch {
  return [
    [x, y - from],
    [x, y - from - 4],
    [x, y - to + 4],
    [x, y - to],
  ]
}

function grow(branches: readonly Branch[], leaf: Leaf): Tree {
  return {
    branches: branches.map(([a, b, c, d]) => `M${text(a)}C${text(b)} ${text(c)} ${text(d)}`).join(''),
    leaves: branches.flatMap((branch) => leavesOf(branch, leaf)).join(''),
  }
}

function leavesOf(branch: Branch, leaf: Leaf): string[] {
  const along = leaf.at.map((at, index) => {
    const side = index % 2 === 0 ? 1 : -1
    return drawLeaf(pointAt(branch, at), headingAt(branch, at) + leaf.turn * side, leaf)
  })
  return [...along, drawLeaf(branch[3], headingAt(branch, 1), leaf)]
}

function drawLeaf([x, y]: Point, heading: number, { length, width }: Leaf): string {
  const onLeaf = (forward: number, aside: number): Point => [
    x + Math.cos(heading) * forward - Math.sin(heading) * aside,
    y + Math.sin(heading) * forward + Math.cos(heading) * aside,
  ]
  const tip = text(onLeaf(length, 0))
  return `M${text([x, y])}Q${text(onLeaf(length * 0.6, width))} ${tip}Q${text(onLeaf(length * 0.6, -width))} ${text([x, y])}`
}

function pointAt([a, b, c, d]: Branch, t: number): Point {
  const s = 1 - t
  const mix = (axis: 0 | 1) =>
    s ** 3 * a[axis] + 3 * s * s * t * b[axis] + 3 * s * t * t * c[axis] + t ** 3 * d[axis]
  return [mix(0), mix(1)]
}

function headingAt(branch: Branch, t: number): number {
  const [x, y] = pointAt(branch, t)
  const [fromX, fromY] = pointAt(branch, t - 0.02)
  return Math.atan2(y - fromY, x - fromX)
}

function text([x, y]: Point): string {
  return `${Math.round(x * 10) / 10} ${Math.round(y * 10) / 10}`
}
