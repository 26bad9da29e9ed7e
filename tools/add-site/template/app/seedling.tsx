/** Two grown trees and a young one, on one root: this site is the one with colour. */
export function Seedling() {
  return (
    <svg className="seedling" viewBox="0 0 420 340" role="presentation" aria-hidden="true">
      <g className="seedling__grown">
        <path d="M96 262V84M96 196C70 180 62 158 58 132M96 196C122 178 132 156 136 126M96 148C78 134 72 118 70 100M96 148C114 132 120 116 122 96" />
        <ellipse cx="96" cy="112" rx="66" ry="76" />
        <path d="M324 262V60M324 180C304 168 296 188 290 212M324 180C344 168 352 188 358 212M324 130C306 118 298 138 293 160M324 130C342 118 350 138 355 160" />
        <path d="M324 40C368 96 374 168 360 214C348 236 300 236 288 214C274 168 280 96 324 40Z" />
      </g>
      <path className="seedling__ground" d="M8 262H412" />
      <path
        className="seedling__root"
        d="M96 262C100 300 160 316 210 316C262 316 320 300 324 262M210 262V316"
      />
      <path className="seedling__stem" d="M210 262C210 232 208 206 214 176" />
      <path className="seedling__leaf" d="M211 222C186 222 166 206 160 180C188 178 208 194 211 222Z" />
      <path className="seedling__leaf" d="M213 192C216 160 236 142 264 138C268 168 248 190 213 192Z" />
      <circle className="seedling__heart" cx="210" cy="316" r="6" />
    </svg>
  )
}
