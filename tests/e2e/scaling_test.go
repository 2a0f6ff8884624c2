package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
)

func TestLoadScalesOutAndItsEndScalesBackIn(t *testing.T) {
	s := newShop(t, "spike")
	s.open(2)
	s.steer(nil)
	s.awaitCondition("Ready", "True", "Ready")
	users := s.load()
	s.awaitReplicas(4)
	s.checkScaleOut()
	users.stop()
	s.awaitReplicas(2)
	s.checkScaleIn()
	for _, d := range controller.decisions("spike") {
		if d.to < 2 || d.to > 4 {
			t.Errorf("a decision leaves the bounds of 2 and 4: %s", d.line)
		}
	}
}

func (s *shop) checkScaleOut() {
	s.t.Helper()
	made := controller.decisions(s.namespace)
	i := slices.IndexFunc(made, func(d decision) bool { return d.from == 2 && d.to > 2 })
	if i < 0 {
		s.t.Fatal("no decision line says that 2 replicas became more")
	}
	overload := []string{"LatencyAboveObjective", "EventLoopSaturated", "EventLoopDemand"}
	if d := made[i]; !slices.Contains(overload, d.reason) || d.mode != "Enforce" || d.patch != "200" {
		s.t.Errorf("the first scale-out does not say that it is for the load (%q) and was done: %s", overload, d.line)
	}
	change := fmt.Sprintf("2→%d: ", made[i].to)
	event := s.awaitEvent("ScaledUp", change)
	if event.Type != "Normal" || event.Action != "Scale" ||
		event.Related == nil || event.Related.Kind != "Deployment" || event.Related.Name != "checkout" {
		s.t.Errorf("the event is not a normal one, of a Scale %q of Deployment checkout: %+v", change, event)
	}
	now := s.awaitStatus("status of 4 replicas", soon, func(now status) error {
		if now.DesiredReplicas != 4 || now.CurrentReplicas != 4 {
			return fmt.Errorf("replicas %d, desired %d", now.CurrentReplicas, now.DesiredReplicas)
		}
		return nil
	})
	last := len(now.ScaleEvents) - 1
	if now.LastScaleTime == nil || last < 0 || now.ScaleEvents[last].To != 4 || now.ObservedGeneration != 1 {
		s.t.Errorf("the status does not remember the scale-out: %+v", now)
	}
	for kind, value := range map[string]string{"Ready": "True", "SignalsHealthy": "True", "ScalingActive": "True", "ObservedOnly": "False"} {
		if c := meta.FindStatusCondition(now.Conditions, kind); c == nil || string(c.Status) != value {
			s.t.Errorf("under load condition %s is not %s: %+v", kind, value, c)
		}
	}
	s.checkSignal(now, "latencyP99", "250ms")
	s.checkSignal(now, "errorRate", "5%")
}

func (s *shop) checkSignal(now status, name, objective string) {
	s.t.Helper()
	for _, signal := range now.Signals {
		if signal.Name == name && signal.State == "Value" && signal.Value != "" && signal.Objective == objective {
			return
		}
	}
	s.t.Errorf("the status does not say what %s is, and that its objective is %s: %+v", name, objective, now.Signals)
}

func (s *shop) checkScaleIn() {
	s.t.Helper()
	if event := s.awaitEvent("ScaledDown", ""); event.Type != "Normal" || !strings.Contains(event.Note, "→") {
		s.t.Errorf("the event is %+v", event)
	}
	s.awaitStatus("status of 2 replicas", soon, func(now status) error {
		last := len(now.ScaleEvents) - 1
		if now.DesiredReplicas != 2 || now.CurrentReplicas != 2 || last < 0 || now.ScaleEvents[last].To != 2 {
			return fmt.Errorf("it is %+v", now)
		}
		return nil
	})
	made := writes(s.t, s.namespace, "deployments/scale")
	if len(made) < 2 {
		s.t.Errorf("the audit log has only %d writes to the scale", len(made))
	}
	for _, w := range made {
		if w.User.Username != account || w.Verb != "patch" {
			s.t.Errorf("not the controller's account alone has set the scale: %s", w)
		}
	}
}

func TestModeObserveDecidesAndPatchesNothing(t *testing.T) {
	s := newShop(t, "observed")
	s.open(2)
	s.steer(map[string]any{"mode": "Observe"})
	s.load()
	now := s.awaitStatus("wish for more replicas", patiently, func(now status) error {
		if now.DesiredReplicas <= 2 {
			return fmt.Errorf("desired are %d: %s", now.DesiredReplicas, now.LastDecision.Message)
		}
		return nil
	})
	if now.CurrentReplicas != 2 || now.LastScaleTime != nil || len(now.ScaleEvents) != 0 {
		t.Errorf("the status tells of a scaling that was not done: %+v", now)
	}
	s.awaitCondition("ObservedOnly", "True", "ObserveMode")
	if event := s.awaitEvent("WouldScale", "2→"); event.Action != "Observe" {
		t.Errorf("the event is %+v", event)
	}
	s.staysAt(2, 3)
	wishes := 0
	for _, d := range controller.decisions("observed") {
		if d.to > 2 {
			wishes++
		}
		if d.mode != "Observe" || (d.to != d.from && d.patch != "observed") {
			t.Errorf("the log does not say that this was observed only: %s", d.line)
		}
	}
	if wishes == 0 {
		t.Error("the log does not say what would be done")
	}
	// The audit log has the writes of the status, so it would have one of the scale.
	if len(writes(t, "observed", "scalingpolicies/status")) == 0 {
		t.Error("the audit log does not have the writes of the status")
	}
	if made := writes(t, "observed", "deployments/scale"); len(made) != 0 {
		t.Errorf("the scale was written: %v", made)
	}
}
