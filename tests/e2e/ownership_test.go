package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
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
	if event := s.awaitEvent("ConflictingOwner", ""); event.Type != "Warning" {
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

// The signals ask for 2 at once, but the window begins with what the HPA left.
func TestTakingOverFromAnHPAMakesNoStep(t *testing.T) {
	s := newShop(t, "taken")
	s.open(2)
	s.steer(map[string]any{"behavior": scaleDownAfter(600)})
	s.awaitCondition("SignalsHealthy", "True", "AllSignalsKnown")
	s.kubectl("autoscale", "deployment", "checkout", "--name=rival", "--min=4", "--max=5", "--cpu=50%")
	s.awaitReplicas(4)
	s.awaitCondition("Ready", "False", "ConflictingOwner")
	before := len(controller.decisions("taken"))
	s.kubectl("delete", "hpa", "rival")
	s.awaitCondition("Ready", "True", "Ready")
	s.staysAt(4, 5)
	made := controller.decisions("taken")[before:]
	first := slices.IndexFunc(made, func(d decision) bool { return d.reason != "ConflictingOwner" })
	if first < 0 || first > 2 {
		t.Errorf("the target was not taken over within two rounds: %+v", made)
	}
	for _, d := range made[max(first, 0):] {
		if d.reason != "Stabilized" || d.to != 4 {
			t.Errorf("the target was taken over with a step: %s", d.line)
		}
	}
	if seen := foreignChanges("taken"); len(seen) != 0 {
		t.Errorf("what the HPA set counts as a foreign change: %q", seen)
	}
}

// The one that observes says first what the other will do.
func TestPolicyInModeObserveSharesATargetAndPatchesNothing(t *testing.T) {
	s := newShop(t, "shared")
	s.open(4)
	calm := map[string]any{"behavior": scaleDownAfter(600)}
	s.steer(calm)
	s.steerAs("shadow", map[string]any{"mode": "Observe", "behavior": calm["behavior"]})
	s.awaitCondition("SignalsHealthy", "True", "AllSignalsKnown")
	await(t, "wish for fewer replicas of both", soon, func() error {
		a, b := lastDecision("shared/checkout"), lastDecision("shared/shadow")
		if a.reason != "Stabilized" || b.reason != a.reason || b.from != a.from || b.to != a.to {
			return fmt.Errorf("they decide %s and %s", a.line, b.line)
		}
		return nil
	})
	s.hasten("shadow")
	var shadow decision
	await(t, "decision to scale in", soon, func() error {
		if shadow = lastDecision("shared/shadow"); shadow.to != 2 {
			return fmt.Errorf("it is %s", shadow.line)
		}
		return nil
	})
	if shadow.from != 4 || shadow.patch != "observed" || shadow.mode != "Observe" {
		t.Errorf("it is not one that is only observed: %s", shadow.line)
	}
	s.staysAt(4, 3)
	s.hasten("checkout")
	s.awaitReplicas(2)
	made := controller.decisions("shared")
	i := slices.IndexFunc(made, func(d decision) bool { return d.policy == "shared/checkout" && d.to != d.from })
	if i < 0 || made[i].to != shadow.to || made[i].reason != shadow.reason {
		t.Errorf("the other decides otherwise than %s:\n%+v", shadow.line, made)
	}
	patches := 0
	for _, w := range writes(t, "shared", "deployments/scale") {
		if w.User.Username == account {
			patches++
		}
	}
	if patches != 1 {
		t.Errorf("the scale was patched %d times", patches)
	}
	await(t, "status of the one that observes", soon, func() error {
		now, err := s.statusOf("shadow")
		observed := meta.IsStatusConditionTrue(now.Conditions, "ObservedOnly") && meta.IsStatusConditionTrue(now.Conditions, "Ready")
		if err == nil && (!observed || now.CurrentReplicas != 2 || now.LastScaleTime != nil || len(now.Signals) == 0) {
			err = fmt.Errorf("it is %+v", now)
		}
		return err
	})
}

// hasten lets a policy scale in at once.
func (s *shop) hasten(policy string) {
	s.t.Helper()
	s.kubectl("patch", "spol", policy, "--type=merge", "-p", `{"spec":{"behavior":{"scaleDown":{"stabilizationWindowSeconds":0}}}}`)
}

func lastDecision(policy string) (last decision) {
	namespace, _, _ := strings.Cut(policy, "/")
	for _, d := range controller.decisions(namespace) {
		if d.policy == policy {
			last = d
		}
	}
	return last
}

func TestTargetThatIsCreatedLaterIsTakenUp(t *testing.T) {
	s := newShop(t, "later")
	s.steer(map[string]any{"minReplicas": 3})
	ready := s.awaitCondition("Ready", "False", "TargetNotFound")
	if !strings.Contains(ready.Message, "Deployment/checkout in namespace later") {
		t.Errorf("condition Ready does not say what is missing where: %s", ready.Message)
	}
	s.awaitEvent("TargetNotFound", "")
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
