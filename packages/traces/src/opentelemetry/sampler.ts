import { type Attributes, trace } from '@opentelemetry/api'
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace'

/**
 * Which spans are recorded, by `OTEL_TRACES_SAMPLER` and `OTEL_TRACES_SAMPLER_ARG`: `always_on` (the default), `always_off` or
 * `traceidratio`, also with `parentbased_` before it, which means the same here. A trace that began elsewhere is recorded if it is recorded
 * there *and* this process would record it itself: whoever asks cannot make us record. The ratio goes by the id of the trace, so
 * processes with the same ratio agree.
 */
export function createSampler(env: Readonly<Record<string, string | undefined>>): Sampler {
  const own = samplerOf(env)
  const parentBased = new ParentBasedSampler({ root: own, remoteParentSampled: own })
  return {
    shouldSample(context, traceId, name, kind, attributes, links) {
      const isUpkeep = isOfNoRequest(attributes) && trace.getSpan(context) === undefined
      if (isUpkeep || isTracedByUs(attributes)) return { decision: SamplingDecision.NOT_RECORD }
      return parentBased.shouldSample(context, traceId, name, kind, attributes, links)
    },
    toString: () => `Grove(${own.toString()})`,
  }
}

function samplerOf({
  OTEL_TRACES_SAMPLER = '',
  OTEL_TRACES_SAMPLER_ARG = '',
}: Record<string, string | undefined>) {
  switch (OTEL_TRACES_SAMPLER.trim().replace(/^parentbased_/, '')) {
    case 'always_off':
      return new AlwaysOffSampler()
    case 'traceidratio':
      return new TraceIdRatioBasedSampler(ratioOf(OTEL_TRACES_SAMPLER_ARG))
    default:
      return new AlwaysOnSampler()
  }
}

function ratioOf(text: string): number {
  const ratio = Number(text.trim() || '1')
  return ratio >= 0 && ratio <= 1 ? ratio : 1
}

/** What Next does while it starts, and before it knows the request. */
function isOfNoRequest({ 'next.span_type': type }: Attributes): boolean {
  return type !== undefined && type !== 'BaseServer.handleRequest'
}

/**
 * Next records the kit's own addresses and every `fetch` too, with whole addresses. The kit has spans of its own for both, which are part
 * of the right trace.
 */
function isTracedByUs(attributes: Attributes): boolean {
  if (attributes['next.span_type'] === 'AppRender.fetch') return true
  const target = attributes['http.target']
  return typeof target === 'string' && /^\/sso\//.test(target)
}
