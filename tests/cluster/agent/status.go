package agent

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// reportStatus writes the pod's status as a kubelet does, if it differs from what the cache has seen.
func (a *Agent) reportStatus(ctx context.Context, pod *corev1.Pod, r *runner) error {
	updated := pod.DeepCopy()
	updated.Status = podStatus(pod, r.containerStatus(), r.startTime)
	if equality.Semantic.DeepEqual(updated.Status, pod.Status) {
		return nil
	}
	_, err := a.cfg.Client.CoreV1().Pods(pod.Namespace).UpdateStatus(ctx, updated, metav1.UpdateOptions{})
	return err
}

func podStatus(pod *corev1.Pod, container corev1.ContainerStatus, started metav1.Time) corev1.PodStatus {
	status := *pod.Status.DeepCopy()
	status.Phase = phase(pod.Spec.RestartPolicy, container)
	status.HostIP, status.HostIPs = "127.0.0.1", []corev1.HostIP{{IP: "127.0.0.1"}}
	status.PodIP, status.PodIPs = "127.0.0.1", []corev1.PodIP{{IP: "127.0.0.1"}}
	status.StartTime = &metav1.Time{Time: started.Rfc3339Copy().Time}
	status.ContainerStatuses = []corev1.ContainerStatus{truncated(container)}
	notReady := ""
	if !container.Ready {
		notReady = "ContainersNotReady"
	}
	setCondition(&status, corev1.PodScheduled, true, "")
	setCondition(&status, corev1.PodInitialized, true, "")
	setCondition(&status, corev1.ContainersReady, container.Ready, notReady)
	setCondition(&status, corev1.PodReady, container.Ready, notReady)
	return status
}

// truncated cuts times to whole seconds, as the API server stores them: equal statuses must compare equal.
func truncated(container corev1.ContainerStatus) corev1.ContainerStatus {
	for _, state := range []*corev1.ContainerState{&container.State, &container.LastTerminationState} {
		if running := state.Running; running != nil {
			running.StartedAt = running.StartedAt.Rfc3339Copy()
		}
		if terminated := state.Terminated; terminated != nil {
			terminated.StartedAt = terminated.StartedAt.Rfc3339Copy()
			terminated.FinishedAt = terminated.FinishedAt.Rfc3339Copy()
		}
	}
	return container
}

func phase(policy corev1.RestartPolicy, container corev1.ContainerStatus) corev1.PodPhase {
	terminated := container.State.Terminated
	switch {
	case terminated != nil && !restarts(policy, int(terminated.ExitCode)):
		if terminated.ExitCode == 0 {
			return corev1.PodSucceeded
		}
		return corev1.PodFailed
	case container.State.Running != nil || container.LastTerminationState.Terminated != nil:
		return corev1.PodRunning
	default:
		return corev1.PodPending
	}
}

func setCondition(status *corev1.PodStatus, kind corev1.PodConditionType, is bool, reason string) {
	value := corev1.ConditionFalse
	if is {
		value = corev1.ConditionTrue
	}
	for i := range status.Conditions {
		if c := &status.Conditions[i]; c.Type == kind {
			if c.Status != value {
				c.Status, c.Reason, c.LastTransitionTime = value, reason, metav1.Now().Rfc3339Copy()
			}
			return
		}
	}
	status.Conditions = append(status.Conditions, corev1.PodCondition{
		Type: kind, Status: value, Reason: reason, LastTransitionTime: metav1.Now().Rfc3339Copy()})
}
