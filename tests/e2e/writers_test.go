package e2e

import (
	"fmt"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
)

func TestReplicasSetByHandAreNamedHeldAndThenReleased(t *testing.T) {
	s := newShop(t, "byhand")
	s.open(2)
	s.steer(nil)
	s.awaitCondition("SignalsHealthy", "True", "AllSignalsKnown")
	s.kubectl("scale", "deployment/checkout", "--replicas=4")
	s.checkHeldChange()
	s.awaitReplicas(2)
	s.checkRelease()
}

func (s *shop) checkHeldChange() {
	s.t.Helper()
	now := s.awaitStatus("hold", soon, func(now status) error {
		if now.LastDecision.Reason != "ForeignChange" || now.ExternalChange == nil {
			return fmt.Errorf("%+v", now.LastDecision)
		}
		return nil
	})
	change := now.ExternalChange
	if change.From != 2 || change.To != 4 || !strings.HasPrefix(change.Manager, "kubectl") {
		s.t.Errorf("the status knows another change: %+v", change)
	}
	told := change.Manager + " set 4 replicas (from 2) at "
	if !strings.HasPrefix(now.LastDecision.Message, told) {
		s.t.Errorf("the message does not begin with %q: %s", told, now.LastDecision.Message)
	}
	if event := s.awaitEvent("ForeignChange", told); event.Type != "Normal" {
		s.t.Errorf("the event is %+v", event)
	}
	seen := foreignChanges(s.namespace)
	if want := "manager=" + change.Manager + " from=2 to=4 "; len(seen) != 1 || !strings.Contains(seen[0], want) {
		s.t.Errorf("the log has not one line with %q: %q", want, seen)
	}
	if !meta.IsStatusConditionTrue(now.Conditions, "ScalingActive") {
		s.t.Errorf("a hold is no fault: %+v", now.Conditions)
	}
}

func (s *shop) checkRelease() {
	s.t.Helper()
	now := s.awaitStatus("status of the release", soon, func(now status) error {
		if now.LastScaleTime == nil {
			return errNone
		}
		return nil
	})
	if held := now.LastScaleTime.Sub(now.ExternalChange.Time.Time); held < hold {
		s.t.Errorf("it was held for %s only, not %s", held, hold)
	}
	for _, d := range controller.decisions(s.namespace) {
		if d.from == 4 && d.reason == "ForeignChange" && (d.to != 4 || !strings.Contains(d.line, " hold=4(ForeignChange) ")) {
			s.t.Errorf("the hold did not hold, or its stage is not shown: %s", d.line)
		}
	}
}

func TestZeroReplicasByHandPauseUntilThereAreSomeAgain(t *testing.T) {
	s := newShop(t, "paused")
	s.open(2)
	s.steer(nil)
	s.awaitCondition("SignalsHealthy", "True", "AllSignalsKnown")
	s.kubectl("scale", "deployment/checkout", "--replicas=0")
	s.awaitCondition("ScalingActive", "False", "ScalingDisabled")
	for _, d := range s.staysAt(0, 4) {
		if d.reason != "Paused" || d.patch != "none" {
			t.Errorf("it is paused, and yet: %s", d.line)
		}
	}
	s.kubectl("scale", "deployment/checkout", "--replicas=3")
	s.awaitReplicas(2) // there is no load
	for _, d := range controller.decisions("paused") {
		if d.reason == "ForeignChange" {
			t.Errorf("who ends a pause is held up: %s", d.line)
		}
	}
}

// foreignChanges are the lines of the log that tell of one in the namespace.
func foreignChanges(namespace string) (lines []string) {
	for line := range strings.Lines(controller.log()) {
		if strings.Contains(line, "replicas were changed by another writer policy="+namespace+"/") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines
}
