//go:build oracle

// Package podautoscaler is the HPA's own: tests/conformance/oracle/go lays its sources over this
// directory. This file only makes callable what the package keeps to itself.
package podautoscaler

import (
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
)

// Remembered is a recommendation, or the size of a scale event, and when it was made.
type Remembered struct {
	Replicas int32
	Time     time.Time
}

// Limits are the bounds of an autoscaler and its behavior; nil: it has none.
type Limits struct {
	Behavior *autoscalingv2.HorizontalPodAutoscalerBehavior
	Min, Max int32
}

// The one autoscaler that a controller made here knows.
const onlyKey = "namespace/name"

// NewTolerances is how far a ratio may lie above and below 1.
func NewTolerances(up, down float64) Tolerances { return Tolerances{scaleDown: down, scaleUp: up} }

// NewRemembering is a controller with a past; window is its flag for scale-in without behavior.
func NewRemembering(window time.Duration, recommendations, ups, downs []Remembered) *HorizontalController {
	past := make([]timestampedRecommendation, 0, len(recommendations)+1)
	for _, r := range recommendations {
		past = append(past, timestampedRecommendation{r.Replicas, r.Time})
	}
	return &HorizontalController{
		downscaleStabilisationWindow: window,
		recommendations:              map[string][]timestampedRecommendation{onlyKey: past},
		scaleUpEvents:                map[string][]timestampedScaleEvent{onlyKey: scaleEvents(ups)},
		scaleDownEvents:              map[string][]timestampedScaleEvent{onlyKey: scaleEvents(downs)},
	}
}

func scaleEvents(remembered []Remembered) []timestampedScaleEvent {
	var events []timestampedScaleEvent
	for _, r := range remembered {
		events = append(events, timestampedScaleEvent{replicaChange: r.Replicas, timestamp: r.Time})
	}
	return events
}

// Stabilize is the first stage. The reason is the one for a number that differs from proposal.
func (a *HorizontalController) Stabilize(limits Limits, current, proposal int32) (int32, string) {
	if limits.Behavior == nil {
		return a.stabilizeRecommendation(onlyKey, proposal), "ScaleDownStabilized"
	}
	replicas, reason, _ := a.stabilizeRecommendationWithBehaviors(limits.arguments(current, proposal))
	return replicas, reason
}

// LimitRate is the second stage: the rate policies, or the fixed rate without behavior, and the bounds.
func (a *HorizontalController) LimitRate(limits Limits, current, wanted int32) (int32, string) {
	if limits.Behavior == nil {
		replicas, reason, _ := convertDesiredReplicasWithRules(current, wanted, limits.Min, limits.Max)
		return replicas, reason
	}
	replicas, reason, _ := a.convertDesiredReplicasWithBehaviorRate(limits.arguments(current, wanted))
	return replicas, reason
}

func (l Limits) arguments(current, desired int32) NormalizationArg {
	return NormalizationArg{
		Key: onlyKey, ScaleUpBehavior: l.Behavior.ScaleUp, ScaleDownBehavior: l.Behavior.ScaleDown,
		MinReplicas: l.Min, MaxReplicas: l.Max, CurrentReplicas: current, DesiredReplicas: desired,
	}
}

// Normalize is both stages as a reconcile runs them: it remembers the proposal and sets conditions.
func (a *HorizontalController) Normalize(hpa *autoscalingv2.HorizontalPodAutoscaler, current, proposal int32) int32 {
	least := *hpa.Spec.MinReplicas
	if hpa.Spec.Behavior == nil {
		return a.normalizeDesiredReplicas(hpa, onlyKey, current, proposal, least)
	}
	return a.normalizeDesiredReplicasWithBehaviors(hpa, onlyKey, current, proposal, least)
}

// Expire ages the recommendation in that place, so that the next one replaces it.
func (a *HorizontalController) Expire(place int, to time.Time) {
	a.recommendations[onlyKey][place].timestamp = to
}
