package e2e

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"
)

const stopsWithin = 5 * time.Second

func TestOperationalEndpointsAnswer(t *testing.T) {
	for path, want := range map[string]string{
		"/healthz": "ok\n", "/readyz": "ok\n", "/metrics": "evenkeel_build_info{version=",
	} {
		if body, err := controller.get(t.Context(), path); err != nil || !strings.Contains(body, want) {
			t.Errorf("%s does not answer %q: %v %s", path, want, err, body)
		}
	}
	if body, err := controller.get(t.Context(), "/nowhere"); err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("/nowhere is not answered with 404: %v %s", err, body)
	}
	pod, err := controller.pod(t.Context())
	must(t, err)
	if pod.Spec.ServiceAccountName != "evenkeel" || !pod.Status.ContainerStatuses[0].Ready {
		t.Errorf("the pod has service account %s, ready: %t", pod.Spec.ServiceAccountName, pod.Status.ContainerStatuses[0].Ready)
	}
}

func TestSIGTERMEndsTheControllerWithStatus0(t *testing.T) {
	s := newShop(t, "ended")
	s.open(2)
	s.steer(nil)
	s.awaitCondition("Ready", "True", "Ready")
	pid := controllerPid(t)
	terminate(t, pid)
	awaitRestart(t, pid, 0)
	s.bound(3)
	s.awaitReplicas(3)
}

// The worst moment: every request under way waits for an answer that does not come.
func TestSIGTERMEndsTheControllerWithStatus0WhileNobodyAnswersIt(t *testing.T) {
	s := newShop(t, "silence")
	s.open(2)
	s.steer(nil)
	s.awaitCondition("Ready", "True", "Ready")
	pid := controllerPid(t)
	prometheus, apiserver := component(t, "prometheus"), component(t, "kube-apiserver")
	must(t, prometheus.Pause(t.Context()))
	must(t, apiserver.Pause(t.Context()))
	terminate(t, pid)
	must(t, prometheus.Resume(t.Context()))
	must(t, apiserver.Resume(t.Context()))
	awaitRestart(t, pid, 0)
}

// It is in the middle of a stabilization window when it is killed: with nothing but its own memory it would start
// with none, and scale in at once.
func TestKilledControllerGoesOnAndTakesNothingAwayForIt(t *testing.T) {
	s := newShop(t, "killed")
	s.open(2)
	s.steer(map[string]any{"minReplicas": 4, "behavior": scaleDownAfter(600)})
	s.awaitReplicas(4)
	s.bound(2)
	stabilized := func(now status) error {
		if now.LastDecision.Reason != "Stabilized" || now.DesiredReplicas != 4 {
			return fmt.Errorf("%d for %s", now.DesiredReplicas, now.LastDecision.Reason)
		}
		return nil
	}
	s.awaitStatus("wish for fewer replicas, held", patiently, stabilized)
	before, pid := len(writes(t, "killed", "deployments/scale")), controllerPid(t)
	must(t, syscall.Kill(pid, syscall.SIGKILL))
	awaitRestart(t, pid, 128+int(syscall.SIGKILL))
	await(t, "a decision of the new process", soon, func() error {
		_, err := controller.metric(t.Context(), "evenkeel_decisions_total")
		return err
	})
	s.staysAt(4, 5)
	if made := writes(t, "killed", "deployments/scale")[before:]; len(made) != 0 {
		t.Errorf("the scale was written since: %v", made)
	}
	now := s.awaitStatus("wish for fewer replicas, held", patiently, stabilized)
	if now.LastScaleTime == nil {
		t.Errorf("the status has forgotten when was scaled last: %+v", now)
	}
	s.kubectl("patch", "spol", "checkout", "--type=merge", "-p", `{"spec":{"behavior":{"scaleDown":{"stabilizationWindowSeconds":3}}}}`)
	s.awaitReplicas(2)
}

func scaleDownAfter(seconds int64) map[string]any {
	return map[string]any{"scaleDown": map[string]any{"stabilizationWindowSeconds": seconds}}
}

func terminate(t *testing.T, pid int) {
	t.Helper()
	begun := time.Now()
	must(t, syscall.Kill(pid, syscall.SIGTERM))
	await(t, "end of the controller", 3*stopsWithin, func() error {
		if syscall.Kill(pid, 0) != syscall.ESRCH { // the agent takes note of its children's end at once
			return fmt.Errorf("process %d is there", pid)
		}
		return nil
	})
	if took := time.Since(begun); took > stopsWithin {
		t.Errorf("it took the controller %s to end", took)
	}
}

// awaitRestart waits until the agent has started the controller in place of that process, which ended with the code.
func awaitRestart(t *testing.T, pid, code int) {
	t.Helper()
	await(t, "restart of the controller", patiently, func() error {
		pod, err := controller.pod(t.Context())
		if err != nil {
			return err
		}
		ended := pod.Status.ContainerStatuses[0].LastTerminationState.Terminated
		if ended == nil || ended.ContainerID != fmt.Sprintf("process://%d", pid) {
			return fmt.Errorf("no end of process %d: %+v", pid, ended)
		}
		if int(ended.ExitCode) != code {
			t.Fatalf("the controller ended with code %d, not %d", ended.ExitCode, code)
		}
		now, err := controller.pid()
		if err == nil && now == pid {
			err = fmt.Errorf("not started again")
		}
		if err != nil {
			return err
		}
		return controller.answers(t.Context(), "/readyz")
	})
}
