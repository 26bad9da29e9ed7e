import { alder, birch } from './trees.ts'

// The drawing is 360 × 224; the ground is at 170, frame.css paints the soil from there (--horizon).
const ALDER = alder([100, 170])
const BIRCH = birch([260, 170])
const BIRCH_MARKS = 'M257.2 155h3.4M260 142h3.2M257.6 127h3.4M260.2 113h2.6M258.2 100h2.8'

/** Two trees, one root. While nobody is (about to be) signed in the root ends before it reaches the card. */
export function Scene({ rooted }: { rooted: boolean }) {
  return (
    <div class="scene">
      <svg viewBox="0 0 360 224" aria-hidden="true" focusable="false">
        <path class="leaves-birch" d={BIRCH.leaves} />
        <path class="twigs" d={BIRCH.branches} />
        <path
          class="trunk-birch"
          d="M256.4 170C257 130 258.5 60 259.4 12L260.6 12C261.5 60 263 130 263.6 170"
        />
        <path class="mark" d={BIRCH_MARKS} />
        <path class="leaves-alder" d={ALDER.leaves} />
        <path class="twigs" d={ALDER.branches} />
        <path class="trunk-alder" d="M95 170C98 150 98.5 110 99.4 50L100.6 50C101.5 110 102 150 105 170Z" />
        <g class="roots">
          <path d="M100 170C100 204 180 172 180 206M260 170C260 204 180 172 180 206" />
          <path
            class="rootlet"
            d="M98 170C96 184 84 184 74 195M103 178C107 188 101 194 103 203M121 188C127 194 125 199 129 204M262 170C264 184 276 184 286 195M257 178C253 188 259 194 257 203M239 188C233 194 235 199 231 204"
          />
          {rooted ? <path d="M180 206V224" /> : <path d="M180 206V211" />}
        </g>
        <circle
          class={rooted ? 'node' : 'node node--open'}
          cx="180"
          cy={rooted ? 224 : 211}
          r={rooted ? 5 : 3.5}
        />
      </svg>
    </div>
  )
}
