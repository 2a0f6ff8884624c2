//go:build oracle

package main

import (
	"fmt"
	"math"
	"slices"
)

func (g generator) podsVector() *podsVector {
	v := &podsVector{
		Kind: "pods", Fn: pick(g, "resource", "resourceRaw", "pods"), tolerance: g.tolerance(),
		CPUInitMs: pick[int64](g, 300_000, 300_000, 120_000, 0), ReadinessDelayMs: pick[int64](g, 30_000, 30_000, 10_000, 0),
		Pods: []podState{}, Metrics: []podMetric{},
	}
	if v.Fn != "pods" {
		v.Resource = pick(g, "cpu", "cpu", "memory")
	}
	v.Target = g.perPodTarget(v.Fn)
	count := g.podCount()
	v.Current = int32(max(1, count))
	if g.chance(30) {
		v.Current = g.replicas()
	}
	request := pick[int64](g, 100, 250, 500, 1000, 1024)
	aim := g.ratio(v.tolerance)
	healthy := g.chance(25)
	for i := range count {
		pod, metric := g.pod(fmt.Sprintf("p%d", i), v, healthy)
		pod.RequestMilli = g.request(v.Fn, request)
		v.Pods = append(v.Pods, pod)
		if metric == nil {
			continue
		}
		metric.Milli = g.usage(v, pod.RequestMilli, aim)
		v.Metrics = append(v.Metrics, *metric)
	}
	if g.chance(8) {
		v.Metrics = append(v.Metrics, podMetric{Pod: "stranger", Milli: g.usage(v, &request, aim), Age: 15_000, Window: 30_000})
	}
	return v
}

func (g generator) podCount() int {
	switch n := g.IntN(100); {
	case n < 2:
		return 0
	case n < 90:
		return 1 + g.IntN(9)
	default:
		return 10 + g.IntN(21)
	}
}

func (g generator) perPodTarget(fn string) int64 {
	if fn == "resource" {
		return pick(g, 30, 50, 60, 80, 80, 100, 100, 120, 300, 1, g.between(1, 400))
	}
	return pick(g, 100, 1000, 15_000, 20_000, 1, 7, g.between(1, 1_000_000), g.between(1, 1_000_000_000_000))
}

func (g generator) request(fn string, usual int64) *int64 {
	if fn != "resource" {
		return nil
	}
	switch n := g.IntN(1000); {
	case n < 5:
		return nil
	case n < 15:
		usual = 0
	case n < 100:
		usual = pick[int64](g, 100, 200, 2000, 3)
	}
	return &usual
}

// usage is what a pod uses if the mean of all is to lie about aim times the target.
func (g generator) usage(v *podsVector, request *int64, aim float64) int64 {
	target := float64(v.Target)
	if v.Fn == "resource" {
		if request == nil {
			return g.between(0, 1000)
		}
		target *= float64(*request) / 100
	}
	if g.chance(30) {
		aim *= g.Float64() * 2
	}
	return g.beside(int64(math.Round(target * aim)))
}

// pod is one in some state of its life, and its metric if it has one.
func (g generator) pod(name string, v *podsVector, healthy bool) (podState, *podMetric) {
	pod, metric := g.settledPod(name, v)
	if healthy || g.chance(40) {
		return pod, &metric
	}
	switch g.IntN(10) {
	case 0:
		pod.Phase = "Pending"
		pod.Ready, pod.StartAge = nil, nil
	case 1:
		pod.Phase = pick(g, "Failed", "Succeeded")
	case 2:
		pod.Deleted = true
	case 3:
		pod.Ready = nil
	case 4:
		pod.StartAge = nil
	case 5:
		return pod, nil // no metric
	case 6:
		pod.Ready = new("False")
	case 7: // young
		*pod.StartAge = g.beside(pick(g, v.CPUInitMs, v.CPUInitMs/2, g.between(0, v.CPUInitMs+1)))
		pod.TransitionAge = g.between(0, *pod.StartAge)
		metric.Age = g.beside(pod.TransitionAge - metric.Window)
		pod.Ready = new(pick(g, "True", "True", "False"))
	default: // not ready, and perhaps never was
		pod.Ready = new("False")
		pod.TransitionAge = g.beside(*pod.StartAge - v.ReadinessDelayMs)
	}
	if g.chance(20) {
		return pod, nil
	}
	return pod, &metric
}

// settledPod is ready since long, and measured.
func (g generator) settledPod(name string, v *podsVector) (podState, podMetric) {
	start := v.CPUInitMs + g.between(1, 3_600_000)
	pod := podState{Name: name, Phase: "Running", StartAge: &start, Ready: new("True"), TransitionAge: g.between(0, start)}
	return pod, podMetric{Pod: name, Age: g.between(0, 60_000), Window: pick[int64](g, 30_000, 10_000, 60_000)}
}

func (g generator) valueVector() *valueVector {
	v := &valueVector{
		Kind: "value", Fn: pick(g, "objectValue", "objectAverage", "externalValue", "externalAverage"), tolerance: g.tolerance(),
		Current: g.replicas(), Target: g.valueTarget(), Pods: []podState{},
	}
	if g.chance(8) {
		v.Current = 0
	}
	v.Status = v.Current
	if g.chance(30) {
		v.Status = pick(g, v.Current+int32(g.between(1, 3)), 0, 1, g.replicas())
	}
	v.Pods = g.servingPods(v.Current)
	v.Usages = g.usages(v)
	return v
}

func (g generator) valueTarget() int64 {
	return pick(g, 1000, 4400, 300, 10, 1, 100_000, g.between(1, 1_000_000), g.between(1, 1_000_000_000_000), math.MaxInt64)
}

// servingPods are as many as a small population has; a large one is given by a few, which is all that
// the ready ones' number depends on.
func (g generator) servingPods(current int32) []podState {
	count := min(int(current), 12)
	switch n := g.IntN(100); {
	case n < 3:
		count = 0
	case n < 15:
		count = g.IntN(16)
	}
	pods := []podState{}
	allReady, noneReady := g.chance(40), g.chance(8)
	for i := range count {
		pod, _ := g.pod(fmt.Sprintf("p%d", i), &podsVector{CPUInitMs: 300_000, ReadinessDelayMs: 30_000}, allReady)
		if noneReady {
			pod.Ready = pick(g, nil, new("False"))
		}
		pods = append(pods, pod)
	}
	return pods
}

func (g generator) usages(v *valueVector) []int64 {
	population := 1.0
	average := v.Fn == "objectAverage" || v.Fn == "externalAverage"
	if average {
		population = max(1, float64(v.Status))
	}
	aim := float64(v.Target) * population * g.ratio(v.tolerance)
	if average && g.chance(30) { // a multiple of the target: where rounding up turns
		aim = float64(v.Target) * float64(g.between(0, 2*int64(v.Status)+3))
	}
	total := int64(math.MaxInt64)
	if aim < math.MaxInt64-1024 {
		total = g.beside(int64(math.Round(aim)))
	}
	if g.chance(3) {
		total = math.MaxInt64 - g.between(0, 1)
	}
	if unsaturated := v.Fn == "objectAverage" || v.Current == 0; unsaturated && float64(total) > (math.MaxInt32-1)*float64(v.Target) {
		total = int64((math.MaxInt32 - 1) * float64(v.Target))
	}
	if v.Fn == "objectValue" || v.Fn == "objectAverage" {
		return []int64{total}
	}
	return g.split(v, total)
}

// split makes several series of a total; now and then their sum is beyond an int64.
func (g generator) split(v *valueVector, total int64) []int64 {
	if g.chance(2) && (v.Current != 0 || v.Target == math.MaxInt64) {
		return slices.Repeat([]int64{math.MaxInt64/2 + 1}, 2+g.IntN(2))
	}
	series := []int64{}
	for range g.IntN(3) {
		part := g.between(0, total)
		series, total = append(series, part), total-part
	}
	return append(series, total)
}
