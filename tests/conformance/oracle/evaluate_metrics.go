//go:build oracle

package main

import (
	"context"
	"regexp"
	"strings"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/kubernetes/pkg/controller/podautoscaler/metrics"

	hpa "evenkeel.dev/tests/conformance/oracle/podautoscaler"
)

func ago(now time.Time, age int64) time.Time { return now.Add(-time.Duration(age) * time.Millisecond) }

// podLister lists the same pods for every selector and namespace.
type podLister []*v1.Pod

func (l podLister) List(labels.Selector) ([]*v1.Pod, error)    { return l, nil }
func (l podLister) Pods(string) corelisters.PodNamespaceLister { return l }
func (l podLister) Get(string) (*v1.Pod, error)                { panic("the HPA only lists") }
func newPodLister(now time.Time, states []podState, name v1.ResourceName) (l podLister) {
	for _, state := range states {
		l = append(l, newPod(now, state, name))
	}
	return l
}

func newPod(now time.Time, state podState, name v1.ResourceName) *v1.Pod {
	pod := &v1.Pod{Status: v1.PodStatus{Phase: v1.PodPhase(state.Phase)}}
	pod.Name = state.Name
	if state.Deleted {
		pod.DeletionTimestamp = &metav1.Time{Time: now}
	}
	if state.StartAge != nil {
		pod.Status.StartTime = &metav1.Time{Time: ago(now, *state.StartAge)}
	}
	if state.Ready != nil {
		pod.Status.Conditions = []v1.PodCondition{{
			Type: v1.PodReady, Status: v1.ConditionStatus(*state.Ready),
			LastTransitionTime: metav1.Time{Time: ago(now, state.TransitionAge)},
		}}
	}
	container := v1.Container{Name: "main"}
	if state.RequestMilli != nil {
		container.Resources.Requests = v1.ResourceList{name: *resource.NewMilliQuantity(*state.RequestMilli, resource.DecimalSI)}
	}
	pod.Spec.Containers = []v1.Container{container}
	return pod
}

// metricsClient answers every question with the same numbers.
type metricsClient struct {
	now    time.Time
	pods   []podMetric
	usages []int64
}

func (c metricsClient) podMetrics() metrics.PodMetricsInfo {
	info := metrics.PodMetricsInfo{}
	for _, m := range c.pods {
		info[m.Pod] = metrics.PodMetric{
			Timestamp: ago(c.now, m.Age), Window: time.Duration(m.Window) * time.Millisecond, Value: m.Milli,
		}
	}
	return info
}

func (c metricsClient) GetResourceMetric(context.Context, v1.ResourceName, string, labels.Selector, string) (metrics.PodMetricsInfo, time.Time, error) {
	return c.podMetrics(), c.now, nil
}

func (c metricsClient) GetRawMetric(string, string, labels.Selector, labels.Selector) (metrics.PodMetricsInfo, time.Time, error) {
	return c.podMetrics(), c.now, nil
}

func (c metricsClient) GetObjectMetric(string, string, *autoscalingv2.CrossVersionObjectReference, labels.Selector) (int64, time.Time, error) {
	return c.usages[0], c.now, nil
}

func (c metricsClient) GetExternalMetric(string, string, labels.Selector) ([]int64, time.Time, error) {
	return c.usages, c.now, nil
}

func (v *podsVector) evaluate() string {
	now := time.Now()
	name := v1.ResourceName(v.Resource)
	calculator := hpa.NewReplicaCalculator(
		metricsClient{now: now, pods: v.Metrics}, newPodLister(now, v.Pods, name),
		time.Duration(v.CPUInitMs)*time.Millisecond, time.Duration(v.ReadinessDelayMs)*time.Millisecond)
	tolerances := hpa.NewTolerances(v.Up, v.Down)
	ctx, all := context.Background(), labels.Everything()
	var err error
	switch v.Fn {
	case "resource":
		v.Out.Replicas, _, _, _, err = calculator.GetResourceReplicas(ctx, v.Current, int32(v.Target), name, tolerances, "", all, "")
	case "resourceRaw":
		v.Out.Replicas, _, _, err = calculator.GetRawResourceReplicas(ctx, v.Current, v.Target, name, tolerances, "", all, "")
	case "pods":
		v.Out.Replicas, _, _, err = calculator.GetMetricReplicas(v.Current, v.Target, "", tolerances, "", all, all)
	default:
		panic("unknown fn " + v.Fn)
	}
	v.Out.Error = err != nil
	return v.Fn + " " + v.Resource + " " + outcomeOf(v.Current, v.Out.Replicas, err)
}

func (v *valueVector) evaluate() string {
	now := time.Now()
	calculator := hpa.NewReplicaCalculator(metricsClient{now: now, usages: v.Usages}, newPodLister(now, v.Pods, ""), 0, 0)
	tolerances := hpa.NewTolerances(v.Up, v.Down)
	all, every := labels.Everything(), &metav1.LabelSelector{}
	object := &autoscalingv2.CrossVersionObjectReference{}
	before := v.Current
	var err error
	switch v.Fn {
	case "objectValue":
		v.Out.Replicas, _, _, err = calculator.GetObjectMetricReplicas(v.Current, v.Target, "", tolerances, "", object, all, all)
	case "objectAverage":
		before = v.Status
		v.Out.Replicas, _, _, err = calculator.GetObjectPerPodMetricReplicas(v.Status, v.Target, "", tolerances, "", object, all)
	case "externalValue":
		v.Out.Replicas, _, _, err = calculator.GetExternalMetricReplicas(v.Current, v.Target, "", tolerances, "", every, all)
	case "externalAverage":
		before = v.Status
		v.Out.Replicas, _, _, err = calculator.GetExternalPerPodMetricReplicas(v.Status, v.Target, "", tolerances, "", every)
	default:
		panic("unknown fn " + v.Fn)
	}
	v.Out.Error = err != nil
	return v.Fn + " " + outcomeOf(before, v.Out.Replicas, err)
}

var podName = regexp.MustCompile(`p\d+`)

// outcomeOf names an answer, apart from its numbers.
func outcomeOf(before, after int32, err error) string {
	from := ""
	if before == 0 {
		from = "from zero "
	}
	switch {
	case err != nil:
		return "error: " + podName.ReplaceAllString(strings.TrimSpace(err.Error()), "pN")
	case after == 1<<31-1:
		return from + "to the largest number"
	case after == before:
		return from + "stays"
	case after == 0:
		return from + "to zero"
	case after > before:
		return from + "up"
	}
	return from + "down"
}
