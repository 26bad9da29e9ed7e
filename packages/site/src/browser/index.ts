export { watchSession } from './watch-session.ts'
