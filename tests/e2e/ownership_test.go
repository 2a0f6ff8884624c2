package e2e

import (
	"strings"
	"testing"
)

func TestTargetOfAnHPAIsLeftAloneUntilTheHPAIsGone(t *testing.T) {
	s := newShop(t, "owned")
	s.open(2)
	s.steer(nil)
	s.awaitCondition("Ready", "True", "Ready")
	s.kubectl("autoscale", "deployment", "checkout", "--name=rival", "--min=1", "--max=5", "--cpu=50%")
	ready := s.awaitCondition("Ready", "False", "ConflictingOwner")
	if !strings.Contains(ready.Message, "HorizontalPodAutoscaler") || !strings.Contains(ready.Message, "rival") {
		t.Errorf("condition Ready does not name HorizontalPodAutoscaler rival: %s", ready.Message)
	}
	if event := s.awaitEvent("ConflictingOwner"); event.Type != "Warning" {
		t.Errorf("the event is %+v", event)
	}
	s.bound(3) // more than there are: the owner would act at once
	for _, d := range s.staysAt(2, 3) {
		if d.reason != "ConflictingOwner" || d.to != 2 {
			t.Errorf("not its target, and yet decided: %s", d.line)
		}
	}
	for _, w := range writes(t, "owned", "deployments/scale") {
		if w.User.Username == account {
			t.Errorf("not its target, and yet: %s", w)
		}
	}
	s.kubectl("delete", "hpa", "rival")
	s.awaitReplicas(3)
	s.awaitCondition("Ready", "True", "Ready")
}

func TestTargetThatIsCreatedLaterIsTakenUp(t *testing.T) {
	s := newShop(t, "later")
	s.steer(map[string]any{"minReplicas": 3})
	ready := s.awaitCondition("Ready", "False", "TargetNotFound")
	if !strings.Contains(ready.Message, "Deployment/checkout in namespace later") {
		t.Errorf("condition Ready does not say what is missing where: %s", ready.Message)
	}
	s.awaitEvent("TargetNotFound")
	s.open(2)
	s.awaitReplicas(3)
	s.awaitCondition("Ready", "True", "Ready")
}

// Without load the third replica would go; but while a new version does not get ready, nobody knows what is needed.
func TestPodThatNeverGetsReadyHoldsScaleIn(t *testing.T) {
	s := newShop(t, "stuck")
	s.open(3)
	s.setReadinessPath("/nowhere")
	s.steer(map[string]any{"maxReplicas": 3})
	s.awaitCondition("SignalsHealthy", "True", "AllSignalsKnown")
	for _, d := range s.staysAt(3, 6) {
		if d.to != 3 {
			t.Errorf("a rollout is stuck, and yet: %s", d.line)
		}
	}
	s.setReadinessPath("/readyz")
	s.awaitReplicas(2)
}

func (s *shop) setReadinessPath(path string) {
	s.t.Helper()
	s.kubectl("patch", "deployment", "checkout", "--type=json", "-p",
		`[{"op": "replace", "path": "/spec/template/spec/containers/0/readinessProbe/httpGet/path", "value": "`+path+`"}]`)
}
