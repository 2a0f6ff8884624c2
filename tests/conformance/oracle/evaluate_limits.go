//go:build oracle

package main

import (
	"cmp"
	"fmt"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"

	hpa "evenkeel.dev/tests/conformance/oracle/podautoscaler"
)

const notStabilized = "ReadyForNewScale" // what a reconcile says when stabilization changed nothing

func scalingRules(window int32, rules *rateRules) *autoscalingv2.HPAScalingRules {
	selected := autoscalingv2.MaxChangePolicySelect
	result := &autoscalingv2.HPAScalingRules{StabilizationWindowSeconds: &window, SelectPolicy: &selected}
	if rules == nil {
		return result
	}
	selected = autoscalingv2.ScalingPolicySelect(rules.Select)
	for _, policy := range rules.Policies {
		result.Policies = append(result.Policies, autoscalingv2.HPAScalingPolicy{
			Type: autoscalingv2.HPAScalingPolicyType(policy.Type), Value: policy.Value, PeriodSeconds: policy.Period,
		})
	}
	return result
}

// limits are those of an autoscaler; has says whether it has a behavior.
func limits(has bool, w windows, r rates) hpa.Limits {
	l := hpa.Limits{Min: r.Min, Max: r.Max}
	if has {
		l.Behavior = &autoscalingv2.HorizontalPodAutoscalerBehavior{
			ScaleUp: scalingRules(w.UpWindow, r.Up), ScaleDown: scalingRules(w.DownWindow, r.Down),
		}
	}
	return l
}

func remembering(w windows, r rates) *hpa.HorizontalController {
	now := time.Now()
	recommendations := make([]hpa.Remembered, len(w.Recs))
	for i, rec := range w.Recs {
		recommendations[i] = hpa.Remembered{Replicas: rec.Replicas, Time: ago(now, rec.Age)}
	}
	events := func(events []scaleEvent) (remembered []hpa.Remembered) {
		for _, event := range events {
			remembered = append(remembered, hpa.Remembered{Replicas: event.Change, Time: ago(now, event.Age)})
		}
		return remembered
	}
	window := time.Duration(w.DownWindow) * time.Second
	return hpa.NewRemembering(window, recommendations, events(r.Ups), events(r.Downs))
}

func (v *stabilizeVector) evaluate() string {
	controller := remembering(v.windows, rates{})
	v.Out.Replicas, v.Out.Reason = controller.Stabilize(limits(v.Behavior, v.windows, rates{}), v.Current, v.Proposal)
	if v.Out.Replicas == v.Proposal {
		v.Out.Reason = notStabilized
	}
	return behaviorName(v.Behavior) + direction(v.Current, v.Proposal) + " " + v.Out.Reason + direction(v.Current, v.Out.Replicas)
}

func (v *rateVector) evaluate() string {
	controller := remembering(windows{}, v.rates)
	v.Out.Replicas, v.Out.Reason = controller.LimitRate(limits(v.Behavior, windows{}, v.rates), v.Current, v.Want)
	return behaviorName(v.Behavior) + direction(v.Current, v.Want) + " " + v.Out.Reason + direction(v.Current, v.Out.Replicas)
}

func (v *wholeVector) evaluate() string {
	object := &autoscalingv2.HorizontalPodAutoscaler{}
	object.Spec.MinReplicas, object.Spec.MaxReplicas = &v.Min, v.Max
	object.Spec.Behavior = limits(v.Behavior, v.windows, v.rates).Behavior
	v.Out.Replicas = remembering(v.windows, v.rates).Normalize(object, v.Current, v.Proposal)
	for _, condition := range object.Status.Conditions {
		switch condition.Type {
		case autoscalingv2.AbleToScale:
			v.Out.Stabilized = condition.Reason
		case autoscalingv2.ScalingLimited:
			v.Out.Reason = condition.Reason
		}
	}
	return fmt.Sprintf("%s%s %s %s%s", behaviorName(v.Behavior), direction(v.Current, v.Proposal),
		v.Out.Stabilized, v.Out.Reason, direction(v.Current, v.Out.Replicas))
}

func behaviorName(has bool) string {
	if has {
		return "behavior,"
	}
	return "no behavior,"
}

func direction(before, after int32) string {
	return []string{" down", " same", " up"}[1+cmp.Compare(after, before)]
}
