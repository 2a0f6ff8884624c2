package manifests

// statusSample has every field that the controller may write.
const statusSample = `
observedGeneration: 1
currentReplicas: 4
desiredReplicas: 7
lastScaleTime: "2026-11-23T17:00:00Z"
signals:
  - {name: latencyP99, state: Value, value: 412ms, objective: 250ms, sampleTime: "2026-11-23T17:00:00.123Z"}
  - {name: errorRate, state: Value, value: 0.2%, objective: 1%, sampleTime: "2026-11-23T17:00:00Z"}
  - {name: eventLoopLagP99, state: Value, value: 138ms, objective: 100ms, sampleTime: "2026-11-23T17:00:00Z"}
  - {name: queueDepth, state: Failed, message: "bad_data: parse error: unexpected end of input"}
lastDecision:
  time: "2026-11-23T17:00:01Z"
  round: 48213
  reason: LatencyAboveObjective
  message: P99 is 412ms, above its objective of 250ms.
  current: 4
  desired: 7
  steps:
    - {stage: combine, before: 4, after: 9, reason: LatencyAboveObjective}
    - {stage: rateLimit, before: 9, after: 7, reason: RateLimited, rule: +3/60s}
  proposals:
    - {policy: slo, kind: Reactive, replicas: 9, reason: LatencyAboveObjective, message: more, evidence: {demand: 3.25, pods: 4}}
    - {policy: ratio#2, kind: Hold, direction: Down, reason: SignalMissing, message: queueDepth is not known}
scaleEvents:
  - {time: "2026-11-23T17:00:01.5Z", from: 4, to: 7}
externalChange: {time: "2026-11-23T16:00:00Z", from: 3, to: 4, manager: kubectl-scale}
memory:
  slo: {demand: 0.0125, profile: [1, 2.5], label: x}
conditions:
  - {type: Ready, status: "True", observedGeneration: 1, lastTransitionTime: "2026-11-23T16:00:00Z", reason: Valid, message: ok}
  - {type: Bottleneck, status: "True", lastTransitionTime: "2026-11-23T16:00:00Z", reason: Downstream, message: ""}
`
